/**
 * @file The routes of the server: completions, chat, models, health.
 *
 * Owner of nothing: the model, and the signal that ends answers under way, are given.
 */
import { Hono, type Context, type Handler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { streamSSE } from "hono/streaming";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { messageLine } from "../foundation/error.js";
import { RequestGate } from "./request-gate.js";
import { ApiError, apiErrorOf } from "./api-error.js";
import { chatTask } from "./chat.js";
import { completionTask } from "./completions.js";
import { requireKey, requireLoopbackName } from "./doors.js";
import type { HostedModel } from "./hosted-model.js";
import { answerStreaming, answerWhole, type Task } from "./task.js";

/** Most bytes of a request. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Seconds until a server that loads its model may be ready. */
const LOADING_RETRY = 5;

export interface AppParts {
  /** Null while it is being loaded. */
  readonly model: () => HostedModel | null;
  /** Callers have to send it; null for everybody. */
  readonly apiKey: string | null;
  /** Refuse who calls this server by a name that is not this machine's own. */
  readonly loopbackOnly: boolean;
  /** Most prompts under way. */
  readonly queue: number;
  /** Ends the answers under way. */
  readonly signal: AbortSignal;
}

export function createApp(parts: AppParts): Hono {
  const gate = new RequestGate(parts.queue);
  const loaded = (): HostedModel => {
    const model = parts.model();
    if (model !== null) return model;
    throw new ApiError(503, "The model is being loaded.", {
      kind: "server_error",
      code: "loading",
      retryAfter: LOADING_RETRY,
    });
  };
  const answers =
    (read: (model: HostedModel, body: unknown) => Promise<Task>): Handler =>
    async (context) => {
      const model = loaded();
      const task = await read(model, await bodyOf(context));
      const leave = gate.enter(task.asks.length);
      const signal = AbortSignal.any([context.req.raw.signal, parts.signal]);
      return respond(context, { model, task, signal, leave });
    };
  const app = new Hono();
  app.onError((thrown, context) => failed(context, apiErrorOf(thrown)));
  app.notFound((context) =>
    failed(
      context,
      new ApiError(
        404,
        `Unknown request URL: ${context.req.method} ${context.req.path}.`,
        { code: "unknown_url" },
      ),
    ),
  );
  if (parts.loopbackOnly) app.use(requireLoopbackName);
  app.get("/health", (context) => {
    loaded();
    return context.json({ status: "ok" });
  });
  if (parts.apiKey !== null) app.use("/v1/*", requireKey(parts.apiKey));
  app.use(
    "/v1/*",
    bodyLimit({
      maxSize: MOST_BYTES,
      onError: () => {
        throw new ApiError(
          413,
          `The request is larger than ${MOST_BYTES} bytes.`,
        );
      },
    }),
  );
  app.get("/v1/models", (context) =>
    context.json({ object: "list", data: [listed(loaded())] }),
  );
  app.get("/v1/models/:id{.+}", (context) => {
    const model = loaded();
    const id = context.req.param("id");
    if (id === model.name) return context.json(listed(model));
    throw new ApiError(404, `The model '${id}' does not exist.`, {
      param: "model",
      code: "model_not_found",
    });
  });
  app.post("/v1/completions", answers(completionTask));
  app.post("/v1/chat/completions", answers(chatTask));
  return app;
}

function listed({ name, created, checkpoint }: HostedModel) {
  return {
    id: name,
    object: "model",
    created,
    owned_by: "autodidact",
    max_model_len: checkpoint.config.maxPositions,
  };
}

async function bodyOf(context: Context): Promise<unknown> {
  try {
    return await context.req.json<unknown>();
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    throw new ApiError(
      400,
      `The body of the request is not JSON: ${messageLine(cause)}`,
    );
  }
}

function failed(context: Context, error: ApiError): Response {
  if (error.retryAfter !== undefined)
    context.header("retry-after", String(error.retryAfter));
  return context.json(error, error.status as ContentfulStatusCode);
}

async function respond(
  context: Context,
  answering: {
    readonly model: HostedModel;
    readonly task: Task;
    readonly signal: AbortSignal;
    readonly leave: () => void;
  },
): Promise<Response> {
  const { model, task, signal, leave } = answering;
  if (!task.streams) {
    try {
      return context.json(await answerWhole(model, task, signal));
    } finally {
      leave();
    }
  }
  return streamSSE(context, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => {
      gone.abort();
    });
    // Events wait for each other; a reader that is slow holds up nobody else.
    let written = Promise.resolve();
    const send = (data: unknown): void => {
      const line = { data: JSON.stringify(data) };
      written = written.then(() => stream.writeSSE(line));
    };
    try {
      const all = AbortSignal.any([signal, gone.signal]);
      await answerStreaming(model, task, { signal: all, send });
      await written;
      await stream.writeSSE({ data: "[DONE]" });
    } catch (thrown) {
      send(apiErrorOf(thrown));
      await written;
    } finally {
      leave();
    }
  });
}
