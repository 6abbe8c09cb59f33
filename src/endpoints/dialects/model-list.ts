/**
 * @file What a server's `/models` says, in the dialects of those who answer it.
 */
import { member, numeric, parsed } from "./json.js";
import { defined } from "../../foundation/defined.js";

export interface ListedModel {
  readonly id: string;
  /** Longest prompt with its answer in tokens; few servers tell. */
  readonly contextLength?: number;
  /** Whose it says it is: many servers put their own name here. */
  readonly ownedBy?: string;
}

/** vLLM; OpenRouter and others; Mistral; LM Studio; llama.cpp, what the model was trained with. */
const LENGTHS = [
  ["max_model_len"],
  ["context_length"],
  ["max_context_length"],
  ["context_window"],
  ["meta", "n_ctx_train"],
] as const;

/**
 * The models of a body, or undefined when it is not a list of models: OpenAI's
 * `{data: […]}`, which may be null for none, a bare array (Together), Ollama's
 * `{models: […]}`.
 */
export function listModels(body: string): readonly ListedModel[] | undefined {
  const value = parsed(body);
  const list = [value, member(value, "data"), member(value, "models")].find(
    (one) => Array.isArray(one),
  ) as readonly unknown[] | undefined;
  if (list === undefined) {
    const none =
      member(value, "data") === null || member(value, "models") === null;
    return none ? [] : undefined;
  }
  const models = list.map(listed);
  return models.every((model) => model !== undefined) ? models : undefined;
}

function listed(item: unknown): ListedModel | undefined {
  const id =
    typeof item === "string"
      ? item
      : (member(item, "id") ?? member(item, "model"));
  if (typeof id !== "string") return undefined;
  const contextLength = LENGTHS.map((path) =>
    numeric(member(item, ...path)),
  ).find(
    (length) => length !== undefined && Number.isInteger(length) && length > 0,
  );
  const ownedBy = member(item, "owned_by");
  return {
    id,
    ...defined({ contextLength }),
    ...(typeof ownedBy === "string" ? { ownedBy } : {}),
  };
}

/** The line that means a name: `llama3.2` is `llama3.2:latest`, `x` is `models/x`. */
export function modelNamed(
  models: readonly ListedModel[],
  name: string,
): ListedModel | undefined {
  return (
    models.find(({ id }) => id === name) ??
    models.find(({ id }) => plainName(id) === plainName(name))
  );
}

function plainName(name: string): string {
  return name.replace(/^models\//, "").replace(/:latest$/, "");
}
