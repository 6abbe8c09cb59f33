/**
 * @file The port at which the nodes of an attempt meet.
 */
import { createServer, type AddressInfo } from "node:net";
import type { Attempt } from "./job.js";

/** Above what Ray's workers take (10002–19999), below what Linux hands out (32768). */
const FIRST = 20_000;
const PORTS = 12_000;

/** Of an attempt on other machines: another one for every attempt, likely free. */
export function meetingPort({ job, number }: Attempt): number {
  return FIRST + ((parseInt(job.id.slice(0, 8), 16) + 97 * number) % PORTS);
}

/** A port of this machine that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
