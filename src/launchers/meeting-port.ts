/**
 * @file The ports at which the nodes of an attempt meet, and at which a service is found.
 */
import { randomInt } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import type { Attempt } from "./job.js";

/** Above what Ray's workers take (10002–19999), below what Linux hands out (32768). */
const FIRST = 20_000;
const PORTS = 12_000;

/** Of an attempt on other machines: another one for every attempt, likely free. */
export function meetingPort({ job, number }: Attempt): number {
  return FIRST + ((parseInt(job.id.slice(0, 8), 16) + 97 * number) % PORTS);
}

/** On another machine, where nobody can be asked: who finds it taken tries another. */
export function guessedPort(): number {
  return randomInt(FIRST, FIRST + PORTS);
}

/** Of this machine, and free now; somebody else may take it before it is used. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
