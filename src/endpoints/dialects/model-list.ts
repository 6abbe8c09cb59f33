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
  /** What else it goes by: Mistral's aliases, names beside an id. */
  readonly aliases?: readonly string[];
}

/** vLLM; OpenRouter and others; Mistral and LM Studio; Groq; Google; llama.cpp, what the model was trained with. */
const LENGTHS = [
  ["max_model_len"],
  ["context_length"],
  ["max_context_length"],
  ["context_window"],
  ["inputTokenLimit"],
  ["meta", "n_ctx_train"],
] as const;

/** Where lists stand, the first that is one counts; [] is the body itself. */
const PLACES: readonly (readonly string[])[] = [
  // Together and others; OpenAI; Ollama and Google; Cloudflare and what wraps these.
  [],
  ["data"],
  ["models"],
  ["data", "models"],
  ["data", "data"],
  ["models", "data"],
  ["result"],
  ["result", "data"],
  ["result", "models"],
  ["items"],
];

/** Where an entry has its name: OpenAI; Ollama; Google and others; LM Studio; LiteLLM; Bedrock. */
const NAMES = [
  "id",
  "model",
  "name",
  "key",
  "model_name",
  "model_id",
  "modelId",
  "slug",
] as const;

/** What says that the list goes on elsewhere: Anthropic, Google. */
const MORE = ["has_more", "nextPageToken", "next_page_token"] as const;

export interface ModelList {
  readonly models: readonly ListedModel[];
  /** Whether it may have more: entries that cannot be read, or further pages. */
  readonly isOpen: boolean;
}

/**
 * The models of a body, or undefined when none of its places has a list of models: an
 * array of names or objects, an object by name, or null for none.
 */
export function listModels(body: string): ModelList | undefined {
  const value = parsed(body);
  const goesOn = MORE.some((field) => Boolean(member(value, field)));
  for (const place of PLACES) {
    const found = member(value, ...place);
    const entries = found === null && place.length > 0 ? [] : entriesOf(found);
    // The body itself is no object by name: its members are places.
    if (entries === undefined || (place.length === 0 && !Array.isArray(found)))
      continue;
    const models = entries.flatMap(listed);
    if (models.length === 0 && entries.length > 0) continue;
    return { models, isOpen: goesOn || models.length < entries.length };
  }
  return undefined;
}

/** What a list holds, each an object with its name where the list is one by name. */
function entriesOf(list: unknown): readonly unknown[] | undefined {
  if (Array.isArray(list)) return list as readonly unknown[];
  if (typeof list !== "object" || list === null) return undefined;
  const entries = Object.entries(list);
  return entries.some(
    ([, entry]) =>
      typeof entry !== "object" || entry === null || Array.isArray(entry),
  )
    ? undefined
    : entries.map(([id, entry]) => ({ id, ...entry }) as unknown);
}

/** Nothing for an entry without a name. */
function listed(item: unknown): readonly ListedModel[] {
  const given = member(item, "aliases");
  const [id, ...aliases] = [
    item,
    ...NAMES.map((field) => member(item, field)),
    ...(Array.isArray(given) ? (given as readonly unknown[]) : []),
  ].filter((name): name is string => typeof name === "string" && name !== "");
  if (id === undefined) return [];
  const contextLength = LENGTHS.map((path) =>
    numeric(member(item, ...path)),
  ).find(
    (length) => length !== undefined && Number.isInteger(length) && length > 0,
  );
  const ownedBy = member(item, "owned_by");
  return [
    {
      id,
      ...defined({ contextLength }),
      ...(typeof ownedBy === "string" ? { ownedBy } : {}),
      ...(aliases.length > 0 ? { aliases } : {}),
    },
  ];
}

/** The line that means a name: `llama3.2` is `llama3.2:latest`, `x` is `models/x`, an alias is its model, and servers forgive case. */
export function modelNamed(
  models: readonly ListedModel[],
  name: string,
): ListedModel | undefined {
  return (
    models.find(({ id }) => id === name) ??
    models.find(({ aliases }) => aliases?.includes(name)) ??
    models.find(({ id, aliases = [] }) =>
      [id, ...aliases].some((one) => plainName(one) === plainName(name)),
    )
  );
}

function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/^models\//, "")
    .replace(/:latest$/, "");
}
