/**
 * @file A web application on its address, from listening to the end of the last answer.
 */
import type { AddressInfo } from "node:net";
import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createAdaptorServer } from "@hono/node-server";
import { AutodidactError, messageOf } from "../foundation/error.js";

export interface ListeningServer {
  /** `http://127.0.0.1:8000`, without a slash at the end. */
  readonly origin: string;
  readonly port: number;
  /**
   * Takes no more requests and waits for the answers under way, which are broken off
   * after so long.
   */
  close(patienceMs: number): Promise<void>;
}

/** What answers requests, as Hono has it; broken off by the signal. */
export type Application = (signal: AbortSignal) => {
  readonly fetch: (request: Request) => Response | Promise<Response>;
};

export interface Address {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/** @throws USAGE where the address cannot be had */
export async function listenOn(
  createApp: Application,
  { host, port }: Address,
): Promise<ListeningServer> {
  const ending = new AbortController();
  const app = createApp(ending.signal);
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(unavailable(cause, host, port));
    });
    server.listen(port, host, resolve);
  });
  const { port: given } = server.address() as AddressInfo;
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    origin: `http://${name}:${given}`,
    port: given,
    close: async (patienceMs) => {
      const closed = new Promise((resolve) => server.close(resolve));
      // A connection whose answer is over would be kept for the next request.
      const idle = setInterval(() => {
        server.closeIdleConnections();
      }, 50);
      const waiting = new AbortController();
      await Promise.race([
        closed,
        sleep(patienceMs, undefined, { signal: waiting.signal }).catch(
          () => undefined,
        ),
      ]);
      waiting.abort();
      ending.abort(new Error("The server is being stopped."));
      // What is broken off still says so; who does not read it is left behind.
      await Promise.race([closed, sleep(1000, undefined, { ref: false })]);
      clearInterval(idle);
      server.closeAllConnections();
      await closed;
    },
  };
}

function unavailable(
  cause: NodeJS.ErrnoException,
  host: string,
  port: number,
): AutodidactError {
  const reasons: Partial<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is taken by another program. Give another with --port, or 0 for any that is free.`,
    EACCES: `Port ${port} may not be used by this user; ports below 1024 often need more rights. Give another with --port.`,
    EADDRNOTAVAIL: `${host} is no address of this machine. Give one of its own with --host.`,
    ENOTFOUND: `The name ${host} is not known here. Give an address of this machine with --host.`,
  };
  return new AutodidactError(
    "USAGE",
    reasons[cause.code ?? ""] ??
      `${host}:${port} cannot be listened on: ${messageOf(cause)}. Give another address with --host and --port.`,
    { host, port, cause: cause.code ?? null },
    { cause },
  );
}
