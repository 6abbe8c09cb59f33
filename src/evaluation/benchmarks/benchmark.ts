/**
 * @file What an open-ended benchmark is: questions without a right answer, the answers
 * of models to them and the judgements of those, each in the benchmark's own files.
 */
import { z } from "zod";
import type { RowFormat } from "../../data/formats/rows.js";
import { promptField, textField } from "../evaluation-sets.js";

export interface OpenQuestion {
  /** Names it in files of answers; the instruction itself where nothing else does. */
  readonly key: string;
  /** What the user says, each after the answer to the one before; at least one. */
  readonly turns: readonly string[];
  /** Its row, as it stands in the file. */
  readonly row: Readonly<Record<string, unknown>>;
}

/** What a model has said to one question. */
export interface ModelAnswers {
  readonly key: string;
  /** What was asked; null where the file of the questions alone says it. */
  readonly asked: readonly string[] | null;
  /** The answers of each sample, one a turn. */
  readonly samples: readonly (readonly string[])[];
  /** Fields that tell whose answer to what it is, as files of judgements have them. */
  readonly names: Readonly<Record<string, unknown>>;
}

export interface Benchmark {
  /** Most tokens of an answer where nothing else is asked for: its own program's. */
  readonly maxTokens: number;
  /** A row of its questions, and the field that tells one. */
  readonly questions: RowFormat<OpenQuestion> & { readonly field: string };
  /** A row of a model's answers, and the field that tells one. */
  readonly answers: RowFormat<ModelAnswers> & { readonly field: string };
  /** Whether its program reads answers as one JSON array or as JSON Lines. */
  readonly written: "array" | "lines";
  /** The row in which its program expects the answers to a question, one a turn. */
  answered(
    question: OpenQuestion,
    answer: {
      readonly model: string;
      readonly turns: readonly string[];
      /** Differs between answers. */
      readonly id: string;
      /** Seconds since 1970. */
      readonly time: number;
    },
  ): object;
}

/** Texts, each as it is or, in older files of Arena-Hard, as {content}. */
const textsField = (text: z.ZodType<string>) =>
  z
    .array(
      z.union(
        [text, z.object({ content: text }).transform((turn) => turn.content)],
        "it must be text",
      ),
      "it must be a list of texts",
    )
    .min(1, "at least one turn is needed");
export const turnsField = textsField(promptField);
/** What a model said may be nothing. */
export const answersField = textsField(textField);
export const nameField = textField.min(1, "it must not be empty");
