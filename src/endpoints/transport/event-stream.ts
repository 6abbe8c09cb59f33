/**
 * @file Puts a streamed answer together into the body that an unstreamed one has.
 *
 * Streaming is asked for where a gateway cuts off connections that are silent for
 * long; nothing reads the pieces as they come. A stream counts only if every
 * choice in it came to its end, or the server says that it is done: one that broke off
 * is no answer.
 */
import { z } from "zod";
import { contentText } from "../dialects/content.js";
import { endingWord } from "../dialects/endings.js";
import type { AnswerKind } from "./request-body.js";
import { defined } from "../../foundation/defined.js";

const wordsShape = z.looseObject({}).nullish();

/** Texts beside the content: why it was declined, and what a model thought, which nothing but the kept body has. */
const BESIDE = [
  "refusal",
  "reasoning_content",
  "reasoning",
  "thinking",
] as const;

const piece = z.object({
  error: z.unknown().optional(),
  choices: z
    .array(
      z.object({
        index: z.int().nonnegative().nullish().catch(undefined),
        text: z.string().nullish(),
        delta: wordsShape,
        /** Of one piece that is the whole answer. */
        message: wordsShape,
        finish_reason: z.unknown().optional(),
        error: z.unknown().optional(),
        logprobs: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .nullish(),
  usage: z.unknown().optional(),
});

/** The last data of a stream that came to its end. */
const DONE = "[DONE]";

type Piece = z.infer<typeof piece>;
type ChoicePiece = NonNullable<Piece["choices"]>[number];

interface GrowingChoice {
  readonly index: number;
  text: string;
  /** By field. */
  readonly beside: Partial<Record<(typeof BESIDE)[number], string>>;
  /** Pieces of calls of tools, as they came. */
  readonly calls: unknown[];
  finishReason: string | undefined;
  error: unknown;
  /** Lists of log-probability fields, each grown piece by piece. */
  readonly logprobs: Record<string, unknown[]>;
}

/** Whether a body is a stream of events, asked for or not. */
export function isStream(body: string): boolean {
  return /^\s*(data|event|id|retry)?:/.test(body);
}

/** The whole body, or in one phrase what is wrong with the stream. */
export function assembleStream(
  kind: AnswerKind,
  text: string,
): { readonly value: unknown } | string {
  const choices = new Map<number, GrowingChoice>();
  let usage: unknown;
  let isDone = false;
  for (const data of dataLines(text)) {
    if (data === DONE) {
      isDone = true;
      continue;
    }
    const read = readPiece(data);
    if (read === undefined) return "a piece of the stream is not JSON";
    if (read.error !== undefined && read.error !== null)
      return { value: { error: read.error } };
    usage = read.usage ?? usage;
    for (const choice of read.choices ?? []) grow(choices, choice);
  }
  const all = [...choices.values()];
  const unfinished = all.filter(
    (one) => (one.finishReason ?? one.error) === undefined,
  );
  if (!isDone && (all.length === 0 || unfinished.length > 0))
    return "the stream broke off";
  // The server says that it is done, and of a choice no more: nobody knows whether it is whole.
  for (const choice of unfinished) choice.finishReason = DONE;
  const body = all.map((choice) => bodyChoice(kind, choice));
  return {
    value: usage === undefined ? { choices: body } : { choices: body, usage },
  };
}

/** What the `data:` fields say; comments and other fields are passed over. */
function dataLines(text: string): readonly string[] {
  return text
    .split(/\r\n|\r|\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice("data:".length).trim())
    .filter((data) => data !== "");
}

function readPiece(data: string): Piece | undefined {
  try {
    return piece.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}

function grow(choices: Map<number, GrowingChoice>, from: ChoicePiece): void {
  const index = from.index ?? 0;
  const choice = choices.get(index) ?? {
    index,
    text: "",
    beside: {},
    calls: [],
    finishReason: undefined,
    error: undefined,
    logprobs: {},
  };
  choices.set(index, choice);
  const said = from.delta ?? from.message;
  choice.text += from.text ?? contentText(said?.["content"]) ?? "";
  for (const field of BESIDE) {
    const more = said?.[field];
    if (typeof more === "string")
      choice.beside[field] = (choice.beside[field] ?? "") + more;
  }
  const calls = said?.["tool_calls"] ?? said?.["function_call"];
  if (calls) choice.calls.push(...[calls].flat());
  choice.error = from.error ?? choice.error;
  choice.finishReason = endingWord(from.finish_reason) ?? choice.finishReason;
  for (const [name, values] of Object.entries(from.logprobs ?? {}))
    if (Array.isArray(values))
      (choice.logprobs[name] ??= []).push(...(values as unknown[]));
}

function bodyChoice(kind: AnswerKind, choice: GrowingChoice): object {
  const { index, text, beside, calls, finishReason, error, logprobs } = choice;
  return {
    index,
    finish_reason: finishReason,
    ...defined({ error }),
    ...(kind === "chat"
      ? {
          message: {
            content: text,
            ...beside,
            ...(calls.length === 0 ? {} : { tool_calls: calls }),
          },
        }
      : { text }),
    ...(Object.keys(logprobs).length === 0 ? {} : { logprobs }),
  };
}
