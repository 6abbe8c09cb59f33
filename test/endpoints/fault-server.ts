/**
 * @file An OpenAI-compatible server that misbehaves on purpose, and keeps books.
 *
 * Its right answers are functions of the request alone, so a test knows what must
 * come out however many faults lay on the way. It counts, for each request it
 * received, how many complete right answers it sent: more than one is something
 * bought twice.
 */
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gzipSync } from "node:zlib";

export type Fault =
  /** Answers with the status and, if given, a Retry-After header. */
  | {
      readonly status: number;
      readonly retryAfter?: string;
      readonly body?: string;
    }
  /** Never answers. */
  | "hang"
  /** Closes the connection without a word. */
  | "reset"
  /** Promises more bytes than it sends, then closes the connection. */
  | "truncated-body"
  /** Breaks a chunked answer off. */
  | "truncated-stream"
  /** A complete HTTP answer with half a JSON text in it. */
  | "truncated-json"
  | "malformed-json"
  | "empty-body"
  /** Status 200 and a web page. */
  | "html"
  /** A stream of events that nobody asked for. */
  | "event-stream"
  /** Status 200 and {"error": …}. */
  | "error-inside"
  /** An answer without choices, with its usage. */
  | "no-choices"
  /** JSON that has words in no place that anybody knows. */
  | "strange-shape"
  /** A content encoding that nobody knows. */
  | "strange-coding"
  /** Status 200 and a sentence. */
  | "plain-text"
  /** The right answer in the pieces of a stream, not streamed. */
  | "delta"
  /** The right answer, compressed though nobody asked for that. */
  | "gzip"
  /** The right answer, said to be compressed, and not. */
  | "not-gzip"
  /** The right answer under a content type that does not fit. */
  | "wrong-content-type"
  /** The right choices, each twice, last first. */
  | "shuffled-choices"
  /** One choice, however many were asked for. */
  | "one-choice"
  /** The right answer without usage. */
  | "no-usage"
  /** The right answer, then the same bytes once more on the same connection. */
  | "said-twice";

/** Faults whose answer is right all the same. */
const HARMLESS: ReadonlySet<Fault> = new Set<Fault>([
  "wrong-content-type",
  "event-stream",
  "shuffled-choices",
  "one-choice",
  "no-usage",
  "said-twice",
  "delta",
  "gzip",
  "not-gzip",
]);

export interface FaultServerOptions {
  /** The fault for the request with this number (from 0, in order of arrival), if any. */
  readonly faultFor?: (number: number, body: RequestBody) => Fault | undefined;
  /** Refuses requests beyond this many at once with 429. */
  readonly capacity?: number;
  readonly latencyMs?: number;
  /** The only key that is let in. */
  readonly key?: string;
  /** The only model that is there; any name when absent. */
  readonly model?: string;
  /** Longest prompt in characters. */
  readonly context?: number;
  /** Gives one choice, whatever n says. */
  readonly ignoresN?: boolean;
  /** The port of a server that was stopped before. */
  readonly port?: number;
}

export interface RequestBody {
  readonly model: string;
  readonly prompt?: string;
  readonly messages?: readonly {
    readonly role: string;
    readonly content: string;
  }[];
  readonly n?: number;
  readonly seed?: number;
  readonly max_tokens?: number;
  readonly stop?: readonly string[];
  readonly [field: string]: unknown;
}

export interface FaultServer {
  /** Base address, ends in /v1. */
  readonly url: string;
  readonly port: number;
  /** Requests that arrived. */
  readonly received: number;
  readonly mostAtOnce: number;
  /** Bodies in order of arrival. */
  readonly bodies: readonly RequestBody[];
  /** Right answers that left in full, by prompt and seed. */
  readonly sold: ReadonlyMap<string, number>;
  /** Drops every connection, answered or not, and stops listening. */
  kill(): Promise<void>;
}

/** The text that the server gives as choice `index` to a prompt with a seed. */
export function rightAnswer(prompt: string, seed: number, index = 0): string {
  const digest = createHash("sha256")
    .update(`${prompt}/${seed}/${index}`)
    .digest("hex");
  return `answer ${digest.slice(0, 12)}`;
}

export async function startFaultServer(
  options: FaultServerOptions = {},
): Promise<FaultServer> {
  const books = {
    received: 0,
    atOnce: 0,
    mostAtOnce: 0,
    bodies: [] as RequestBody[],
    sold: new Map<string, number>(),
  };
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    void serve(request, response, options, books);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    get received() {
      return books.received;
    },
    get mostAtOnce() {
      return books.mostAtOnce;
    },
    bodies: books.bodies,
    sold: books.sold,
    kill: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface Books {
  received: number;
  atOnce: number;
  mostAtOnce: number;
  readonly bodies: RequestBody[];
  readonly sold: Map<string, number>;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      resolve();
    });
  });
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: FaultServerOptions,
  books: Books,
): Promise<void> {
  if (
    options.key !== undefined &&
    request.headers.authorization !== `Bearer ${options.key}`
  ) {
    sendJson(response, 401, {
      error: {
        message: `Incorrect API key provided: ${request.headers.authorization ?? ""}`,
      },
    });
    return;
  }
  if (request.method === "GET") {
    const data =
      options.model === undefined
        ? []
        : [
            {
              id: options.model,
              object: "model",
              max_model_len: options.context,
            },
          ];
    sendJson(response, 200, { object: "list", data });
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(
    Buffer.concat(chunks).toString("utf8"),
  ) as RequestBody;
  const number = books.received++;
  books.bodies.push(body);
  books.atOnce++;
  books.mostAtOnce = Math.max(books.mostAtOnce, books.atOnce);
  const overCapacity =
    books.atOnce > (options.capacity ?? Number.POSITIVE_INFINITY);
  try {
    if (overCapacity) {
      sendJson(response, 429, {
        error: { message: "Too many requests at once" },
      });
      return;
    }
    if (options.latencyMs !== undefined)
      await new Promise((resolve) => setTimeout(resolve, options.latencyMs));
    answer(response, body, options, {
      fault: options.faultFor?.(number, body),
      books,
      chat: request.url?.includes("/chat/") ?? false,
    });
  } finally {
    books.atOnce--;
  }
}

function answer(
  response: ServerResponse,
  body: RequestBody,
  options: FaultServerOptions,
  order: {
    readonly fault: Fault | undefined;
    readonly books: Books;
    readonly chat: boolean;
  },
): void {
  const { fault, books, chat } = order;
  const prompt = body.prompt ?? body.messages?.at(-1)?.content ?? "";
  if (options.model !== undefined && body.model !== options.model) {
    sendJson(response, 404, {
      error: { message: `The model \`${body.model}\` does not exist.` },
    });
    return;
  }
  if (options.context !== undefined && prompt.length > options.context) {
    sendJson(response, 400, {
      error: {
        code: "context_length_exceeded",
        message: `This model's maximum context length is ${options.context} tokens.`,
      },
    });
    return;
  }
  const single = fault === "one-choice" || options.ignoresN === true;
  const whole = rightBody(body, prompt, chat, single);
  const text = JSON.stringify(whole);
  if (fault === undefined || HARMLESS.has(fault)) {
    const item = `${prompt}/${body.seed ?? 0}`;
    response.once("finish", () => {
      books.sold.set(item, (books.sold.get(item) ?? 0) + 1);
    });
  }
  if (
    body["stream"] === true &&
    (fault === undefined || fault === "truncated-stream")
  )
    sendStream(response, whole, fault === undefined);
  else misbehave(response, fault, text);
}

/** The body in pieces of a few letters; only half of them, properly ended, if it is not whole. */
function sendStream(
  response: ServerResponse,
  body: ReturnType<typeof rightBody>,
  whole: boolean,
): void {
  const { choices, usage } = body;
  const pieces = choices.flatMap(({ index, text, message }) => {
    const letters = (text ?? message?.content ?? "").match(/.{1,5}/gs) ?? [];
    return letters.map((part, place) => ({
      choices: [
        {
          index,
          finish_reason: place === letters.length - 1 ? "stop" : null,
          ...(message === undefined
            ? { text: part }
            : { delta: { content: part } }),
        },
      ],
    }));
  });
  const sent = whole
    ? [...pieces, { choices: [], usage }]
    : pieces.slice(0, pieces.length / 2);
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const piece of sent)
    response.write(`data: ${JSON.stringify(piece)}\n\n`);
  response.end(whole ? "data: [DONE]\n\n" : "");
}

function rightBody(
  body: RequestBody,
  prompt: string,
  chat: boolean,
  single: boolean,
) {
  const count = single ? 1 : (body.n ?? 1);
  const choices = Array.from({ length: count }, (_, index) => {
    const text = rightAnswer(prompt, body.seed ?? 0, index);
    return {
      index,
      finish_reason: "stop",
      text: chat ? undefined : text,
      message: chat ? { role: "assistant", content: text } : undefined,
    };
  });
  return {
    id: "x",
    object: chat ? "chat.completion" : "text_completion",
    model: body.model,
    choices,
    usage: {
      prompt_tokens: 10,
      completion_tokens: 5 * count,
      total_tokens: 10 + 5 * count,
    },
  };
}

function misbehave(
  response: ServerResponse,
  fault: Fault | undefined,
  text: string,
): void {
  const json = { "content-type": "application/json" };
  if (typeof fault === "object") {
    const headers =
      fault.retryAfter === undefined
        ? json
        : { ...json, "retry-after": fault.retryAfter };
    response
      .writeHead(fault.status, headers)
      .end(fault.body ?? '{"error":{"message":"on purpose"}}');
    return;
  }
  switch (fault) {
    case undefined:
      response.writeHead(200, json).end(text);
      return;
    case "hang":
      return;
    case "reset":
      response.socket?.destroy();
      return;
    case "truncated-body":
      response.writeHead(200, { ...json, "content-length": text.length + 100 });
      response.write(text, () => response.socket?.destroy());
      return;
    case "truncated-stream":
      response.writeHead(200, json);
      response.write(text.slice(0, text.length / 2), () =>
        response.socket?.destroy(),
      );
      return;
    case "truncated-json":
      response.writeHead(200, json).end(text.slice(0, text.length / 2));
      return;
    case "malformed-json":
      response.writeHead(200, json).end(`${text.slice(0, -1)},}`);
      return;
    case "empty-body":
      response.writeHead(200, json).end();
      return;
    case "html":
      response
        .writeHead(200, { "content-type": "text/html" })
        .end("<html><body>Welcome</body></html>");
      return;
    case "event-stream":
      response
        .writeHead(200, { "content-type": "text/event-stream" })
        .end(`data: ${text}\n\ndata: [DONE]\n\n`);
      return;
    case "error-inside":
      response
        .writeHead(200, json)
        .end('{"error":{"message":"upstream failed","code":502}}');
      return;
    case "no-choices":
      response
        .writeHead(200, json)
        .end(JSON.stringify({ ...JSON.parse(text), choices: [] }));
      return;
    case "strange-shape":
      response.writeHead(200, json).end('{"id":"x","said":{"so":"Hello"}}');
      return;
    case "strange-coding":
      response
        .writeHead(200, { ...json, "content-encoding": "x-snappy" })
        .end(Buffer.from([0xff, 0x06, 0, 0, 0x73, 0x1b]));
      return;
    case "plain-text":
      response
        .writeHead(200, { "content-type": "text/plain" })
        .end("Hello, I am up.");
      return;
    case "gzip":
      response
        .writeHead(200, { ...json, "content-encoding": "gzip" })
        .end(gzipSync(text));
      return;
    case "not-gzip":
      response
        .writeHead(200, { ...json, "content-encoding": "gzip" })
        .end(text);
      return;
    case "delta":
      response
        .writeHead(200, json)
        .end(text.replaceAll('"message":', '"delta":'));
      return;
    case "wrong-content-type":
      response.writeHead(200, { "content-type": "text/plain" }).end(text);
      return;
    case "one-choice":
      response.writeHead(200, json).end(text);
      return;
    case "shuffled-choices":
    case "no-usage": {
      const { choices, usage, ...rest } = JSON.parse(text) as {
        choices: unknown[];
        usage: unknown;
      };
      const changed =
        fault === "no-usage"
          ? { ...rest, choices }
          : { ...rest, usage, choices: [...choices, ...choices].reverse() };
      response.writeHead(200, json).end(JSON.stringify(changed));
      return;
    }
    case "said-twice": {
      const { socket } = response;
      response.writeHead(200, {
        ...json,
        "content-length": Buffer.byteLength(text),
      });
      response.end(text, () => {
        socket?.write(
          `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
        );
      });
      return;
    }
  }
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
): void {
  response
    .writeHead(status, { "content-type": "application/json" })
    .end(JSON.stringify(body));
}
