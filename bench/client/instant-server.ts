/**
 * @file The server of the client's benchmarks, in a process of its own: answers
 * every chat request with the same words, after a given time.
 *
 * Arguments: latency in milliseconds, requests it works on at once (0: any
 * number), "queue" or "refuse" for those beyond. Tells its parent the port.
 */
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const [latencyText = "0", capacityText = "0", beyond = "queue"] =
  process.argv.slice(2);
const latencyMs = Number(latencyText);
const capacity = Number(capacityText) || Number.POSITIVE_INFINITY;

const BODY = JSON.stringify({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "bench",
  choices: [
    {
      index: 0,
      message: {
        role: "assistant",
        content:
          "Spring brings mild days, sudden showers and the first green on every hedge.",
      },
      finish_reason: "stop",
    },
  ],
  usage: { prompt_tokens: 24, completion_tokens: 16, total_tokens: 40 },
});
const HEADERS = {
  "content-type": "application/json",
  "content-length": Buffer.byteLength(BODY),
};

let busy = 0;
const queued: ServerResponse[] = [];

function work(response: ServerResponse): void {
  busy++;
  if (latencyMs === 0) finish(response);
  else
    setTimeout(() => {
      finish(response);
    }, latencyMs);
}

function finish(response: ServerResponse): void {
  busy--;
  response.writeHead(200, HEADERS).end(BODY);
  const next = queued.shift();
  if (next !== undefined) work(next);
}

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    if (busy < capacity) work(response);
    else if (beyond === "queue") queued.push(response);
    else
      response
        .writeHead(429, { "content-type": "application/json" })
        .end('{"error":{"message":"Too many requests"}}');
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", 4096, () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on("disconnect", () => process.exit());
