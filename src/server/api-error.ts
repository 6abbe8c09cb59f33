/**
 * @file What went wrong with a request, in the shape in which OpenAI's API says it.
 */
import { AutodidactError, messageOf } from "../foundation/error.js";

type Kind =
  | "invalid_request_error"
  | "authentication_error"
  | "rate_limit_error"
  | "server_error";

export class ApiError extends Error {
  /** Of the HTTP answer. */
  readonly status: number;
  readonly kind: Kind;
  /** The field that it is about. */
  readonly param: string | null;
  readonly code: string | null;
  /** Seconds after which the same request may be answered. */
  readonly retryAfter: number | undefined;

  constructor(
    status: number,
    message: string,
    more: {
      readonly kind?: Kind;
      readonly param?: string | null;
      readonly code?: string | null;
      readonly retryAfter?: number;
    } = {},
  ) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.kind = more.kind ?? "invalid_request_error";
    this.param = more.param ?? null;
    this.code = more.code ?? null;
    this.retryAfter = more.retryAfter;
  }

  /** The body of the answer. */
  toJSON() {
    const { message, kind, param, code } = this;
    return { error: { message, type: kind, param, code } };
  }
}

/** Whatever was thrown: a request that the model's files refuse is the caller's, the rest is ours. */
export function apiErrorOf(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const isRefusal =
    thrown instanceof AutodidactError &&
    (thrown.code === "BAD_INPUT" || thrown.code === "BAD_CHECKPOINT");
  return isRefusal
    ? new ApiError(400, thrown.message)
    : new ApiError(500, messageOf(thrown), { kind: "server_error" });
}
