/**
 * @file HTTP to one endpoint: a request goes out, the whole answer comes back.
 *
 * Connections are kept and reused, as many as there are requests in flight. It
 * knows nothing of models, retries or money. undici's Pool, not the `openai`
 * package: docs/decisions/2026-11-20-endpoint-client.md has the measurements.
 */
import type { IncomingHttpHeaders } from "node:http";
import {
  brotliDecompressSync,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  type ZlibOptions,
} from "node:zlib";
import { Pool, ProxyAgent, type Dispatcher } from "undici";
import { parsed } from "../dialects/json.js";
import { isStream } from "./event-stream.js";
import type { HttpAnswer } from "./failure.js";
import type { Environment } from "./api-key.js";
import { withOtherScheme } from "./other-scheme.js";
import { proxyFor, type Proxy } from "./proxy.js";

export interface TransportOptions {
  /** Without a slash at the end. */
  readonly baseUrl: URL;
  /** Besides what every request has: the key's, and those that were asked for. */
  readonly headers: Readonly<Record<string, string>>;
  /** Takes secrets out of whatever comes back. */
  readonly redact: (text: string) => string;
  /** Names the proxies. */
  readonly environment: Environment;
}

export interface HttpRequest {
  readonly method: "GET" | "POST";
  /** Below the base address, with a leading slash. */
  readonly path: string;
  /** JSON text. */
  readonly body?: string;
  readonly signal: AbortSignal;
  readonly idempotencyKey?: string;
}

export interface Transport {
  /** The proxy between, for people. */
  readonly proxy?: string;
  /** Takes secrets out of a text, as out of whatever comes back. */
  readonly redact: (text: string) => string;
  /** @throws whatever the network or the signal throws; any status is an answer */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Closes all connections; requests in flight fail. */
  close(): Promise<void>;
}

/** More than any answer of text; a body beyond it is an error, not a full memory. */
const LARGEST_ANSWER = 128 * 1024 * 1024;
const CONNECT_MS = 10_000;
const NOTHING = Buffer.alloc(0);
/** Takes off a byte order mark. */
const UTF8 = new TextDecoder();

/** @throws USAGE for a proxy that is no address */
export function openTransport(options: TransportOptions): Transport {
  const { baseUrl, redact, environment } = options;
  const proxy = proxyFor(baseUrl, environment);
  const dispatcher = makeDispatcher(baseUrl, proxy);
  let isKnown = proxy !== undefined;
  let trial: Promise<unknown> | undefined;
  const prefix = baseUrl.pathname.replace(/\/+$/, "");
  const headers: Readonly<Record<string, string>> = {
    accept: "application/json",
    "accept-encoding": "identity",
    "content-type": "application/json",
    "user-agent": "autodidact",
    ...options.headers,
  };
  return {
    ...(proxy === undefined ? {} : { proxy: proxy.shown }),
    redact,
    send: async ({ method, path, body, signal, idempotencyKey }) => {
      const answer = await receive(
        dispatcher,
        {
          origin: baseUrl.origin,
          path: `${prefix}${path}${baseUrl.search}`,
          method,
          headers:
            idempotencyKey === undefined
              ? headers
              : { ...headers, "idempotency-key": idempotencyKey },
          body: body ?? null,
        },
        signal,
      ).catch(async (cause: unknown): Promise<never> => {
        // Where nothing ever answered, the address may be at fault.
        throw isKnown || signal.aborted
          ? cause
          : await (trial ??= withOtherScheme(cause, baseUrl));
      });
      isKnown = true;
      return {
        status: answer.status,
        headers: Object.fromEntries(
          Object.entries(answer.headers).map(([name, value]) => [
            name,
            redact((Array.isArray(value) ? value[0] : value) ?? ""),
          ]),
        ),
        ...unpacked(answer, redact),
      };
    },
    close: () => dispatcher.destroy(),
  };
}

interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Compressions that some gateways send although they are asked for none. */
const UNPACK: Readonly<
  Record<string, (packed: Buffer, options: ZlibOptions) => Buffer>
> = {
  gzip: gunzipSync,
  "x-gzip": gunzipSync,
  // Some leave out zlib's frame.
  deflate: (packed, options) =>
    (packed[0] ?? 0) % 16 === 8
      ? inflateSync(packed, options)
      : inflateRawSync(packed, options),
  br: brotliDecompressSync,
};

/** No compression, whatever it says. */
const PLAIN: ReadonlySet<string> = new Set(["", "identity", "none", "utf-8"]);

/**
 * The text of a body, with the name of its content encoding where that is not known.
 * @throws what zlib does for a body that is not what its header says, or too long
 */
function unpacked(
  { headers, body }: RawAnswer,
  redact: (text: string) => string,
): Pick<HttpAnswer, "text" | "coding"> {
  const codings = (headers["content-encoding"] ?? "")
    .split(",")
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => !PLAIN.has(coding))
    .reverse();
  const text = (bytes: Buffer) => redact(UTF8.decode(bytes));
  // Some gateways unpack a body and leave the header as it was.
  if (codings.length === 0 || body.length === 0 || isJson(body))
    return { text: text(body) };
  const strange = codings.find((coding) => UNPACK[coding] === undefined);
  if (strange !== undefined) return { text: text(body), coding: strange };
  const options = { maxOutputLength: LARGEST_ANSWER };
  return {
    text: text(
      codings.reduce(
        (packed, coding) => UNPACK[coding]?.(packed, options) ?? packed,
        body,
      ),
    ),
  };
}

/** Whether the bytes are JSON or a stream of events as they are. */
function isJson(body: Buffer): boolean {
  const text = UTF8.decode(body);
  return isStream(text) || parsed(text) !== undefined;
}

/**
 * Sends and collects. Not `dispatcher.request`, which makes a stream of each answer: most
 * are one chunk, and a thousand streams at once keep the garbage collector busy.
 */
function receive(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  signal: AbortSignal,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let started: Dispatcher.DispatchController | undefined;
    const abort = (): void => {
      const reason = signal.reason as Error;
      started?.abort(reason);
      fail(reason);
    };
    const fail = (reason: Error): void => {
      signal.removeEventListener("abort", abort);
      reject(reason);
    };
    signal.throwIfAborted();
    signal.addEventListener("abort", abort);
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    dispatcher.dispatch(request, {
      onRequestStart: (controller) => {
        started = controller;
        // It may have waited for a connection meanwhile.
        if (signal.aborted) abort();
      },
      onResponseStart: (_controller, statusCode, received) => {
        status = statusCode;
        headers = received;
      },
      onResponseData: (_controller, chunk) => {
        chunks.push(chunk);
      },
      onResponseEnd: () => {
        signal.removeEventListener("abort", abort);
        const [first = NOTHING, ...others] = chunks;
        const body = others.length === 0 ? first : Buffer.concat(chunks);
        resolve({ status, headers, body });
      },
      onResponseError: (_controller, error) => {
        fail(error);
      },
    });
  });
}

function makeDispatcher(baseUrl: URL, proxy: Proxy | undefined): Dispatcher {
  const settings = {
    // The caller's signal is the only time-out.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: LARGEST_ANSWER,
    connect: { timeout: CONNECT_MS },
  };
  return proxy === undefined
    ? new Pool(baseUrl.origin, settings)
    : new ProxyAgent({
        ...settings,
        uri: proxy.url.href,
        // Many proxies let nobody tunnel but to port 443; a plain request is handed on.
        proxyTunnel: baseUrl.protocol === "https:",
      });
}
