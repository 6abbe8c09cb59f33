/**
 * @file The rows that the single stages read and write: prompts, completions,
 * responses and their scores.
 *
 * Fields that a stage does not know stay in the row, so that what one stage wrote
 * another can read and nothing is lost on the way.
 */
import { z } from "zod";
import {
  readRowFile,
  rowReader,
  type PlacedRow,
} from "../../data/formats/rows.js";
import {
  messageText,
  type ChatMessage,
  type Prompt,
} from "../../data/records.js";
import {
  hasField,
  promptSchema,
  templateFields,
} from "../../data/training-rows.js";
import type { OpenQuestion } from "../../evaluation/benchmarks/benchmark.js";
import {
  answeredTurns,
  formIn,
  readQuestions,
  readQuestionsByKey,
} from "../../evaluation/benchmarks/benchmarks.js";
import { refuseRepeats } from "../../evaluation/suites/suite.js";

const promptRow = z.looseObject({ prompt: promptSchema, ...templateFields });

const completionRow = z
  .looseObject({
    prompt: promptSchema,
    completion: promptSchema,
    ...templateFields,
  })
  .refine(({ prompt, completion }) => typeof prompt === typeof completion, {
    path: ["completion"],
    message: "prompt and completion must both be text or both be messages",
  });

const responseRow = z.looseObject({
  prompt: promptSchema,
  response: z.string("it must be text"),
});

const scoredRow = responseRow.extend({
  score: z.number("it must be a number, or null for none").nullable(),
  /** Whether the answer ended by itself; taken as true when absent. */
  finished: z.boolean("it must be true or false").optional(),
});

/** A prompt's row with an answer. */
export const generatedRow = promptRow.extend({
  response: z.string(),
  /** 0-based number among the samples of its prompt. */
  sample: z.number(),
  /** False when the answer was cut off at the token limit. */
  finished: z.boolean(),
  /** Tokens generated, end-of-sequence included. */
  tokens: z.number(),
  /** Sum over the generated tokens, natural log; absent where the model does not tell. */
  logprob: z.number().optional(),
});

const judgementKind = z.enum(["score", "abstention", "malformed"]);

export const judgedRow = responseRow.extend({
  /** 0 … 5, null unless `kind` is "score". */
  score: z.number().nullable(),
  /** Of the samples or of the score-token distribution. */
  variance: z.number().nullable(),
  kind: judgementKind,
  /** Every sample of the judge, with exactly what it wrote. */
  judgements: z.array(
    z.object({
      kind: judgementKind,
      score: z.number().nullable(),
      raw: z.string(),
      /** Whether the score was weighed on a second try, after words that had none. */
      constrained: z.boolean(),
    }),
  ),
});

export const probableRow = completionRow.safeExtend({
  /** Sum over completion tokens, natural log. */
  logprob: z.number(),
  /** Completion tokens counted, end-of-sequence included where one is added. */
  tokens: z.number(),
});

export type GeneratedRow = z.output<typeof generatedRow>;
export type JudgedRow = z.output<typeof judgedRow>;
export type ProbableRow = z.output<typeof probableRow>;
export type PromptRow = z.output<typeof promptRow>;
export type CompletionRow = z.output<typeof completionRow>;
export type ResponseRow = z.output<typeof responseRow>;
export type ScoredRow = z.output<typeof scoredRow>;

export const readPromptRows = rowReader({
  name: "a prompt file",
  example: '{"prompt": "…"}',
  row: promptRow,
});

/** A prompt with what the user will say after the answer. */
interface OpeningRow {
  readonly row: PromptRow;
  readonly later?: readonly string[];
}

/**
 * Prompts, or the questions of an open-ended benchmark, as the first row tells.
 * @throws BAD_INPUT naming file, line and field
 */
export async function readOpenings(
  path: string,
): Promise<readonly PlacedRow<OpeningRow>[]> {
  const file = await readRowFile(path);
  const form = formIn("questions", file);
  if (form === undefined || hasField(file.values[0]?.value, "prompt"))
    return (await readPromptRows(file)).map(({ row, ...place }) => ({
      ...place,
      row: { row },
    }));
  return (await readQuestions(file, form)).map(({ row, ...place }) => ({
    ...place,
    row: openingOf(row),
  }));
}

export function openingOf({ row, turns }: OpenQuestion): OpeningRow {
  const [prompt = "", ...later] = turns;
  return { row: { ...row, prompt }, ...(later.length > 0 ? { later } : {}) };
}

export const readCompletionRows = rowReader({
  name: "a file of completions",
  example: '{"prompt": "…", "completion": "…"}',
  row: completionRow,
});
const readPlainResponses = rowReader({
  name: "a file of responses",
  example: '{"prompt": "…", "response": "…"}',
  row: responseRow,
});

/**
 * Responses, or a model's answers to an open-ended benchmark with a row for each turn, as
 * the first row tells.
 * @param questions file of the benchmark's questions, where the answers do not hold them
 * @throws BAD_INPUT naming file, line and field
 */
export async function readResponseRows(
  path: string,
  questions?: string,
): Promise<readonly PlacedRow<ResponseRow>[]> {
  const file = await readRowFile(path);
  const form = formIn("answers", file);
  if (form === undefined || hasField(file.values[0]?.value, "response"))
    return readPlainResponses(file);
  const byKey =
    questions === undefined ? null : await readQuestionsByKey(questions);
  const answers = await rowReader(form)(file);
  // A model's second answer to a question would count it twice.
  refuseRepeats(
    answers.map(({ row: { names }, ...place }) => ({
      ...{ key: Object.values(names).join(" by "), place },
    })),
  );
  return answers.flatMap((one) => answeredTurns(one, byKey));
}

export const readScoredRows = rowReader({
  name: "a file of judged responses",
  example: '{"prompt": "…", "response": "…", "score": 3.5}',
  row: scoredRow,
});

/** A prompt as one user message; conversations as they are. */
export function asConversation(prompt: Prompt): readonly ChatMessage[] {
  return typeof prompt === "string"
    ? [{ role: "user", content: prompt }]
    : prompt;
}

/**
 * A prompt as text for a judge to read: a single user message is its content, a
 * longer conversation has the role before each message.
 */
export function shownPrompt(prompt: Prompt): string {
  if (typeof prompt === "string") return prompt;
  const [first] = prompt;
  if (prompt.length === 1 && first?.role === "user") return messageText(first);
  return prompt
    .map((message) => `${message.role}: ${messageText(message)}`)
    .join("\n\n");
}
