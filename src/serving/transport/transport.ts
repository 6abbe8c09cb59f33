/**
 * @file HTTP to one endpoint: a request goes out, the whole answer comes back.
 *
 * Connections are kept and reused, as many as there are requests in flight. It
 * knows nothing of models, retries or money. undici's Pool, not the `openai`
 * package: docs/decisions/2026-11-20-endpoint-client.md has the measurements.
 */
import type { IncomingHttpHeaders } from "node:http";
import { EnvHttpProxyAgent, Pool } from "undici";
import type { Dispatcher } from "undici";
import type { ApiKey, Environment } from "./api-key.js";
import type { HttpAnswer } from "./failure.js";

export interface TransportOptions {
  /** Without a slash at the end. */
  readonly baseUrl: URL;
  readonly apiKey?: ApiKey;
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
  /** @throws whatever the network or the signal throws; any status is an answer */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Closes all connections; requests in flight fail. */
  close(): Promise<void>;
}

/** More than any answer of text; a body beyond it is an error, not a full memory. */
const LARGEST_ANSWER = 128 * 1024 * 1024;
const CONNECT_MS = 10_000;
/** Takes off a byte order mark. */
const UTF8 = new TextDecoder();

export function openTransport(options: TransportOptions): Transport {
  const { baseUrl, apiKey, environment } = options;
  const dispatcher = makeDispatcher(baseUrl, environment);
  const prefix = baseUrl.pathname.replace(/\/+$/, "");
  const headers: Readonly<Record<string, string>> = {
    accept: "application/json",
    "content-type": "application/json",
    "user-agent": "autodidact",
    ...(apiKey === undefined ? {} : { authorization: apiKey.authorization() }),
  };
  return {
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
      );
      const { text } = answer;
      return apiKey === undefined
        ? answer
        : { ...answer, text: apiKey.redact(text) };
    },
    close: () => dispatcher.destroy(),
  };
}

/**
 * Sends and collects. Not `dispatcher.request`, which makes a stream of each answer: most
 * are one chunk, and a thousand streams at once keep the garbage collector busy.
 */
function receive(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  signal: AbortSignal,
): Promise<HttpAnswer> {
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
        const [first, ...others] = chunks;
        resolve({
          status,
          contentType: headerOf(headers["content-type"]) ?? "",
          retryAfter: headerOf(headers["retry-after"]),
          text: UTF8.decode(
            others.length === 0 ? first : Buffer.concat(chunks),
          ),
        });
      },
      onResponseError: (_controller, error) => {
        fail(error);
      },
    });
  });
}

function makeDispatcher(baseUrl: URL, environment: Environment): Dispatcher {
  const settings = {
    // The caller's signal is the only time-out.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: LARGEST_ANSWER,
    connect: { timeout: CONNECT_MS },
  };
  const read = (name: string): string | undefined =>
    environment[name.toLowerCase()] ?? environment[name];
  const httpProxy = read("HTTP_PROXY");
  const httpsProxy = read("HTTPS_PROXY");
  const proxied = Boolean(httpProxy) || Boolean(httpsProxy);
  if (!proxied || isLoopback(baseUrl.hostname))
    return new Pool(baseUrl.origin, settings);
  return new EnvHttpProxyAgent({
    ...settings,
    httpProxy: httpProxy ?? "",
    httpsProxy: httpsProxy ?? "",
    noProxy: read("NO_PROXY") ?? "",
  });
}

/** An address of this very machine: no proxy is asked, and answers cost nothing. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
