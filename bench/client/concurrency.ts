/**
 * @file At 200 ms latency: the concurrency that the client finds by itself against
 * fixed ones.
 *
 * The fixed ones are plain loops with no control at all; a refused request is
 * repeated after the pause that the client would make as well.
 */
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { openEndpoint } from "../../src/endpoints/endpoint.js";
import { backoff } from "../../src/endpoints/transport/retry-pause.js";
import { openTransport } from "../../src/endpoints/transport/transport.js";
import { withServer } from "./bench-server.js";
import type { ServerBehaviour } from "./bench-server.js";
import { request } from "./clients.js";

const FIXED = [8, 16, 32, 64, 100, 128, 256, 512, 1024];
const FIXED_MS = 4000;
const RAMP_MS = 20_000;
const MEASURE_MS = 20_000;

export interface Setting {
  readonly concurrency: number;
  readonly perSecond: number;
}

export interface ConcurrencyRun {
  readonly behaviour: ServerBehaviour;
  readonly fixed: readonly Setting[];
  readonly best: Setting;
  /** The client by itself; its concurrency is the one at the end. */
  readonly found: Setting;
  /** Refusals in the measured time, as a share of all attempts. */
  readonly refused: number;
  /** Seconds from the start until 90 % of the best throughput. */
  readonly secondsToFind: number | undefined;
}

export async function measureConcurrency(
  behaviour: ServerBehaviour,
): Promise<ConcurrencyRun> {
  const fixed: Setting[] = [];
  for (const concurrency of FIXED) {
    const perSecond = await withServer(behaviour, (baseUrl) =>
      fixedRate(baseUrl, concurrency),
    );
    fixed.push({ concurrency, perSecond });
  }
  const best = fixed.reduce((a, b) => (b.perSecond > a.perSecond ? b : a));
  const own = await withServer(behaviour, (baseUrl) =>
    ownRate(baseUrl, best.perSecond),
  );
  return { behaviour, fixed, best, ...own };
}

async function fixedRate(
  baseUrl: string,
  concurrency: number,
): Promise<number> {
  const transport = openTransport({
    headers: {},
    redact: (text) => text,
    baseUrl: new URL(baseUrl),
    environment: {},
  });
  const body = JSON.stringify({
    model: "bench",
    messages: request(0).prompt,
    max_tokens: 100,
  });
  const { signal } = new AbortController();
  // Every lane listens to the one signal.
  setMaxListeners(0, signal);
  const began = performance.now();
  const warm = began + FIXED_MS / 4;
  const end = began + FIXED_MS;
  let answered = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < end) {
      const path = "/chat/completions";
      const answer = await transport.send({
        method: "POST",
        path,
        body,
        signal,
      });
      const now = performance.now();
      if (answer.status !== 200) await sleep(backoff(1, 0.5));
      else if (now >= warm && now < end) answered++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  await transport.close();
  return Math.round((1000 * answered) / (end - warm));
}

async function ownRate(
  baseUrl: string,
  best: number,
): Promise<Pick<ConcurrencyRun, "found" | "refused" | "secondsToFind">> {
  const model = openEndpoint({ baseUrl, model: "bench" }, { environment: {} });
  const stop = new AbortController();
  const stopped = model
    .generate(
      Array.from({ length: 400_000 }, (_, index) => request(index)),
      { signal: stop.signal },
    )
    .catch(() => undefined);
  const began = performance.now();
  let secondsToFind: number | undefined;
  let before = model.status().answered;
  for (let tick = 1; tick <= RAMP_MS / 1000; tick++) {
    await sleep(began + 1000 * tick - performance.now());
    const { answered } = model.status();
    if (answered - before >= 0.9 * best) secondsToFind ??= tick;
    before = answered;
  }
  const start = { ...model.status(), at: performance.now() };
  await sleep(MEASURE_MS);
  const end = { ...model.status(), at: performance.now() };
  stop.abort();
  await stopped;
  await model.close();
  return {
    found: {
      concurrency: end.concurrency,
      perSecond: Math.round(
        (1000 * (end.answered - start.answered)) / (end.at - start.at),
      ),
    },
    refused: (end.failed - start.failed) / (end.attempts - start.attempts),
    secondsToFind,
  };
}
