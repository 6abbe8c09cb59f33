/**
 * @file A port that nobody listens at.
 */
import { createServer, type AddressInfo } from "node:net";
import { randomInt } from "node:crypto";

/** Ports that neither systems nor clusters give away by themselves, mostly. */
const FIRST = 20_000;
const LAST = 32_000;

/** On this machine, asked of the system; it may be taken again by somebody else before it is used. */
export function freeLocalPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

/** On another machine, where nobody can be asked: a server that finds it taken is started again. */
export function guessedPort(): number {
  return randomInt(FIRST, LAST);
}
