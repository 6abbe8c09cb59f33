/**
 * @file Asking a server for its list of models, which is free everywhere.
 */
import { oneLine } from "../text/harmless.js";
import { parsed } from "./dialects/json.js";
import { listModels, type ModelList } from "./dialects/model-list.js";
import { askOnce } from "./transport/ask-once.js";
import {
  isPage,
  isRefusal,
  type Failure,
  type HttpAnswer,
} from "./transport/failure.js";
import type { Transport } from "./transport/transport.js";

export type ListAnswer =
  | ModelList
  /** Something else came: a refusal, or no list. */
  | { readonly other: HttpAnswer }
  | { readonly failure: Failure };

export async function askForModels(
  transport: Transport,
  allowedMs: number,
): Promise<ListAnswer> {
  const request = { method: "GET", path: "/models" } as const;
  const answer = await askOnce(transport, request, allowedMs);
  if ("kind" in answer) return { failure: answer };
  return (
    (isRefusal(answer) ? undefined : listModels(answer.text)) ?? {
      other: answer,
    }
  );
}

/** What came where a list was expected, and what a list is, for people. */
export function noListIn(answer: HttpAnswer): string {
  return `GET /models gave ${whatCame(answer)}, expected {"data": [{"id": "…"}, …]}`;
}

/** The answer in a few words: "a web page (HTTP 200)". */
export function whatCame(answer: HttpAnswer): string {
  const { status, text } = answer;
  const start = `"${oneLine(text, 80)}"`;
  const what = isPage(answer)
    ? "a web page"
    : answer.coding !== undefined
      ? `something in the content encoding "${oneLine(answer.coding, 80)}"`
      : text.trim() === ""
        ? "an empty answer"
        : parsed(text) === undefined
          ? start
          : `the JSON ${start}`;
  return `${what} (HTTP ${status})`;
}
