/**
 * @file Requests a second of each client against a server that answers at once.
 */
import { INSTANT, withServer } from "./bench-server.js";
import { endpointClient, openaiClient } from "./clients.js";
import { median } from "./statistics.js";

const ROUNDS = 5;
const WARM_UP = 500;
const REQUESTS = 5000;

export interface Throughput {
  readonly name: string;
  /** Requests a second, one number a round. */
  readonly rates: readonly number[];
  readonly median: number;
}

/** The clients take turns, so that a busy moment of the machine meets all of them. */
export async function measureThroughput(): Promise<readonly Throughput[]> {
  return withServer(INSTANT, async (baseUrl) => {
    const clients = [
      openaiClient(baseUrl, "fetch"),
      openaiClient(baseUrl, "undici"),
      endpointClient(baseUrl),
    ];
    const rates = clients.map((): number[] => []);
    for (const client of clients) await client.send(WARM_UP);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, client] of clients.entries()) {
        const began = performance.now();
        await client.send(REQUESTS);
        const seconds = (performance.now() - began) / 1000;
        rates[index]?.push(Math.round(REQUESTS / seconds));
      }
    }
    for (const client of clients) await client.close();
    return clients.map(({ name }, index) => ({
      name,
      rates: rates[index] ?? [],
      median: median(rates[index] ?? []),
    }));
  });
}
