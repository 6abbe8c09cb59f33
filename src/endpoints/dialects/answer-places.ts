/**
 * @file Where the parts of an answer stand, in the shapes in which servers give them.
 *
 * OpenAI's `choices[].message.content` comes first; then what gateways and servers' own
 * interfaces have in its place, so that an answer that was paid for is read and not
 * asked for again: pieces of a stream in an answer that was not streamed, wrappers, a body
 * that is one choice. A body of a shape that no row knows is no answer.
 */
import { contentText } from "./content.js";
import { member } from "./json.js";

type Path = readonly string[];

/** What an answer may be wrapped in: nothing; gateways; DashScope and Cloudflare. */
const WRAPPERS: readonly Path[] = [
  [],
  ["data"],
  ["result"],
  ["response"],
  ["body"],
  ["output"],
];

/** Lists of choices: OpenAI; Gemini; Mistral on Bedrock; Titan; Cohere. */
const LISTS = [
  "choices",
  "candidates",
  "outputs",
  "results",
  "generations",
] as const;

/** The words of a choice, as `contentText` reads them. */
const WORDS: readonly Path[] = [
  ["message", "content"],
  ["delta", "content"],
  ["content", "parts"],
  ["content"],
  ["text"],
  ["generated_text"],
  ["outputText"],
];

/** The words of a body that is one choice: besides, Ollama; Llama and others on Bedrock. */
const WORDS_ALONE: readonly Path[] = [
  ["message", "content"],
  ["content"],
  ["text"],
  ["generated_text"],
  ["response"],
  ["generation"],
  ["completion"],
];

/** OpenAI; Gemini; Anthropic; Bedrock; Ollama; TGI; Titan. */
const ENDINGS: readonly Path[] = [
  ["finish_reason"],
  ["finishReason"],
  ["stop_reason"],
  ["stopReason"],
  ["done_reason"],
  ["details", "finish_reason"],
  ["completionReason"],
];

const USAGES: readonly Path[] = [
  ["usage"],
  ["usageMetadata"],
  ["usage_metadata"],
];

/** A body with words that has one of these is an answer: Ollama; TGI. */
const TELLING: readonly Path[] = [["done"], ["generated_text"]];

/** A choice, with its parts where they were found. */
export interface PlacedChoice {
  readonly whole: unknown;
  /** Undefined where there are none. */
  readonly words: string | undefined;
  /** OpenAI's message, for what it has besides words. */
  readonly message: unknown;
  readonly ending: unknown;
}

export interface PlacedAnswer {
  /** At least one. */
  readonly choices: readonly PlacedChoice[];
  /** What holds the counts: the server's `usage`, or what has them beside the words. */
  readonly usage: unknown;
}

/** The parts of a parsed body; undefined where no known place has choices. */
export function placesIn(body: unknown): PlacedAnswer | undefined {
  // TGI and some gateways wrap one answer in a list.
  const value: unknown =
    Array.isArray(body) && body.length === 1 ? body[0] : body;
  for (const wrapper of WRAPPERS) {
    const inner = member(value, ...wrapper);
    const list = listIn(inner);
    const usage = usageIn(inner) ?? usageIn(value);
    if (list !== undefined)
      return {
        choices: list.map((whole) => placed(whole, WORDS)),
        usage: usage ?? inner,
      };
    const alone = placed(inner, WORDS_ALONE);
    const ending = alone.ending ?? first(value, ENDINGS);
    const isAnswer = (ending ?? usage ?? first(inner, TELLING)) !== undefined;
    if (alone.words !== undefined && isAnswer)
      return { choices: [{ ...alone, ending }], usage: usage ?? inner };
  }
  return undefined;
}

function placed(whole: unknown, places: readonly Path[]): PlacedChoice {
  return {
    whole,
    words: places
      .map((path) => contentText(member(whole, ...path)))
      .find((words) => words !== undefined),
    message: member(whole, "message") ?? member(whole, "delta"),
    ending: first(whole, ENDINGS),
  };
}

function listIn(value: unknown): readonly unknown[] | undefined {
  return LISTS.map((name) => asList(member(value, name))).find(
    (list) => list.length > 0,
  );
}

/** PHP writes some lists as objects by place. */
function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  const entries = Object.entries(value ?? {});
  return entries.every(([place], at) => place === String(at))
    ? entries.map(([, entry]) => entry as unknown)
    : [];
}

function usageIn(value: unknown): unknown {
  return first(value, USAGES);
}

function first(value: unknown, paths: readonly Path[]): unknown {
  return paths
    .map((path) => member(value, ...path))
    .find((found) => found !== undefined && found !== null);
}
