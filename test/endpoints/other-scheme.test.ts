/**
 * @file An address that begins with http where the server speaks TLS, or with https where
 * it does not, is told at the first answer, with the address to give.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { createServer as createSecureServer } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { diagnoseEndpoint } from "../../src/endpoints/diagnose.js";
import { openEndpoint } from "../../src/endpoints/endpoint.js";
import { startFaultServer } from "./fault-server.js";

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

/** Port, and how often somebody came with a request for an answer. */
async function listening(server: Server, counted: { asked: number }) {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => {
      if (bytes.includes("POST")) counted.asked++;
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  opened.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

/** Answers the first bytes of each connection with these. */
function saying(answer: (said: Buffer) => Buffer | string): Server {
  return createServer((socket) => {
    socket.once("data", (said: Buffer) => socket.end(answer(said)));
  });
}

const page = (status: string, body: string) =>
  `HTTP/1.1 ${status}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;

const SECURE: Readonly<Record<string, () => Server>> = {
  "a TLS library that hangs up": () =>
    // No certificate is at hand; a key that both know does as well.
    createSecureServer({ ciphers: "PSK", pskCallback: () => null }),
  "an alert": () => saying(() => Buffer.from([21, 3, 1, 0, 2, 2, 70])),
  nginx: () =>
    saying(() =>
      page(
        "400 Bad Request",
        "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>",
      ),
    ),
  Go: () =>
    saying(() =>
      page(
        "400 Bad Request",
        "Client sent an HTTP request to an HTTPS server.\n",
      ),
    ),
  Tomcat: () =>
    saying(() =>
      page(
        "400 ",
        "Bad Request\nThis combination of host and port requires TLS.\n",
      ),
    ),
};

const PLAIN: Readonly<Record<string, () => Server>> = {
  "an HTTP server": () => saying(() => page("400 Bad Request", "")),
  "one that hangs up": () =>
    saying((said) => (said[0] === 22 ? "" : page("404 Not Found", "no"))),
  "one that sends something else": () =>
    saying(() => "220 mail.example ready\r\n"),
};

async function told(url: string) {
  const model = openEndpoint(
    {
      baseUrl: url,
      model: "m",
      answerTimes: { longestMs: 9000, shortestMs: 9000 },
    },
    { environment: {} },
  );
  opened.push(() => model.close());
  const error: unknown = await model
    .generate([
      {
        ...{ prompt: "Hi", n: 1, seed: 0, maxTokens: 9, stop: [] },
        ...{ temperature: 0, topP: 1, topK: 0 },
      },
    ])
    .catch((cause: unknown) => cause);
  const { verdict, message } = await diagnoseEndpoint(
    { baseUrl: url, model: "m" },
    { environment: {}, spendOneToken: false },
  );
  return { error, verdict, message };
}

describe("an address with the wrong scheme", () => {
  it.each(Object.entries(SECURE))(
    "is told of http to a server with TLS: %s",
    async (_, make) => {
      const counted = { asked: 0 };
      const place = await listening(make(), counted);
      const { error, verdict, message } = await told(`http://${place}`);
      expect(error).toMatchObject({
        code: "ENDPOINT",
        details: { failure: "tls", attempts: 1 },
        message: expect.stringContaining(
          `The server at http://${place} speaks TLS, and was asked without it (`,
        ) as string,
      });
      expect((error as Error).message).toContain(
        `Give the address https://${place}.`,
      );
      expect(verdict).toBe("tls");
      expect(message).toContain(`Give the address https://${place}.`);
      expect(counted.asked).toBeLessThanOrEqual(1);
    },
  );

  it.each(Object.entries(PLAIN))(
    "is told of https to a server without: %s",
    async (name, make) => {
      const place = await listening(make(), { asked: 0 });
      const { error, verdict, message } = await told(`https://${place}`);
      expect(error).toMatchObject({
        details: { failure: "tls", attempts: 1 },
      });
      for (const said of [message, (error as Error).message])
        expect(said, name).toContain(
          `give the address http://${place} if the server is a plain one.`,
        );
      expect(verdict).toBe("tls");
    },
  );
});

it("is not thought of where a server without TLS hangs up, or talks of something else", async () => {
  const server = await startFaultServer({ faultFor: () => "reset" });
  opened.push(() => server.kill());
  const { error } = await told(server.url);
  expect(error).toMatchObject({ details: { failure: "again", attempts: 5 } });
  const place = await listening(
    saying(() => "SSH-2.0-OpenSSH_9.2\r\n"),
    { asked: 0 },
  );
  expect(await told(`http://${place}`)).toMatchObject({
    error: { details: { failure: "wrong-address", attempts: 1 } },
    verdict: "not-an-api",
  });
});
