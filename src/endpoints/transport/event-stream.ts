/**
 * @file Puts a streamed answer together into the body that an unstreamed one has.
 *
 * Streaming is asked for where a gateway cuts off connections that are silent for
 * long; nothing reads the pieces as they come. A stream counts only if every
 * choice in it came to its end: one that broke off is no answer.
 */
import { z } from "zod";
import { contentText } from "../dialects/content.js";
import type { AnswerKind } from "./request-body.js";
import { defined } from "../../foundation/defined.js";

const wordsShape = z
  .looseObject({
    content: z.unknown().optional(),
    refusal: z.string().nullish(),
  })
  .nullish();

/** Fields beside the content for what a model thought; nothing but the kept body has them. */
const THOUGHTS = ["reasoning_content", "reasoning", "thinking"] as const;

const piece = z.object({
  error: z.unknown().optional(),
  choices: z
    .array(
      z.object({
        index: z.int().nonnegative().nullish(),
        text: z.string().nullish(),
        delta: wordsShape,
        /** Of one piece that is the whole answer. */
        message: wordsShape,
        finish_reason: z.string().nullish(),
        error: z.unknown().optional(),
        logprobs: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .nullish(),
  usage: z.unknown().optional(),
});

type Piece = z.infer<typeof piece>;
type ChoicePiece = NonNullable<Piece["choices"]>[number];

interface GrowingChoice {
  readonly index: number;
  text: string;
  /** By field. */
  readonly thoughts: Partial<Record<(typeof THOUGHTS)[number], string>>;
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
  for (const data of dataLines(text)) {
    const read = readPiece(data);
    if (read === undefined) return "a piece of the stream is not JSON";
    if (read.error !== undefined && read.error !== null)
      return { value: { error: read.error } };
    usage = read.usage ?? usage;
    for (const choice of read.choices ?? []) grow(choices, choice);
  }
  const all = [...choices.values()];
  if (
    all.length === 0 ||
    all.some((one) => (one.finishReason ?? one.error) === undefined)
  )
    return "the stream broke off";
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
    .filter((data) => data !== "" && data !== "[DONE]");
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
    thoughts: {},
    finishReason: undefined,
    error: undefined,
    logprobs: {},
  };
  choices.set(index, choice);
  const said = from.delta ?? from.message;
  choice.text += from.text ?? contentText(said?.content) ?? said?.refusal ?? "";
  for (const field of THOUGHTS) {
    const more = said?.[field];
    if (typeof more === "string")
      choice.thoughts[field] = (choice.thoughts[field] ?? "") + more;
  }
  choice.error = from.error ?? choice.error;
  choice.finishReason = from.finish_reason || choice.finishReason;
  for (const [name, values] of Object.entries(from.logprobs ?? {}))
    if (Array.isArray(values))
      (choice.logprobs[name] ??= []).push(...(values as unknown[]));
}

function bodyChoice(kind: AnswerKind, choice: GrowingChoice): object {
  const { index, text, thoughts, finishReason, error, logprobs } = choice;
  return {
    index,
    finish_reason: finishReason,
    ...defined({ error }),
    ...(kind === "chat"
      ? { message: { content: text, ...thoughts } }
      : { text }),
    ...(Object.keys(logprobs).length === 0 ? {} : { logprobs }),
  };
}
