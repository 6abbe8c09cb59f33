/**
 * @file A server on 127.0.0.1 that answers every request with one function.
 */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface LocalServer {
  /** Without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/** @param answer given the parsed JSON body of a POST, undefined for a GET; it sends the response, or returns its JSON body */
export async function startLocalServer(
  answer: (
    body: Readonly<Record<string, unknown>> | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ) => unknown,
): Promise<LocalServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const body =
        text === "" ? undefined : (JSON.parse(text) as Record<string, unknown>);
      const result = answer(body, request, response);
      if (result === undefined) return;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(result));
    });
  });
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      resolve();
    }),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
