/**
 * @file Reading the rows that training learns from: TRL's prompt/completion,
 * conversation and preference rows, as JSON Lines.
 *
 * Every row is checked before any is handed out; a bad one is an error with file,
 * line, field and how a good row looks. Tokens and lengths are not looked at.
 */
import { z } from "zod";
import { chatMessages } from "./formats/chat-messages.js";
import { rowReader } from "./formats/rows.js";
import type {
  MessagesRow,
  PreferenceRow,
  Prompt,
  PromptCompletionRow,
  RewardRow,
  SupervisedRow,
} from "./records.js";

/** Plain text or a conversation. */
export const promptSchema: z.ZodType<Prompt> = z.union(
  [z.string(), chatMessages],
  "it must be text or a list of messages",
);

/** Texts and conversations cannot be mixed within a row: no template joins them. */
function sameForm<T extends object>(
  fields: readonly [keyof T & string, ...(keyof T & string)[]],
): (row: T, context: z.core.$RefinementCtx<T>) => void {
  const [first, ...others] = fields;
  return (row, context) => {
    const isText = typeof row[first] === "string";
    const odd = others.find(
      (field) => (typeof row[field] === "string") !== isText,
    );
    if (odd === undefined) return;
    context.addIssue({
      code: "custom",
      path: [odd],
      message: `it must be ${isText ? "text" : "a list of messages"}, as “${first}” is`,
    });
  };
}

/** What a row gives the chat template besides its messages. */
export const templateFields = {
  tools: z.array(z.unknown(), "it must be a list").nullable().exactOptional(),
  chat_template_kwargs: z
    .record(z.string(), z.unknown(), "it must be an object")
    .nullable()
    .exactOptional(),
};

const promptCompletion: z.ZodType<PromptCompletionRow> = z
  .object({
    prompt: promptSchema,
    completion: promptSchema,
    ...templateFields,
    weight: z
      .number("it must be a number")
      .min(0, "it must not be negative")
      .exactOptional(),
  })
  .superRefine(sameForm(["prompt", "completion"]));

const messages: z.ZodType<MessagesRow> = z.object({
  messages: chatMessages,
  ...templateFields,
});

const preference: z.ZodType<PreferenceRow> = z
  .object({
    prompt: promptSchema,
    chosen: promptSchema,
    rejected: promptSchema,
    ...templateFields,
  })
  .superRefine(sameForm(["prompt", "chosen", "rejected"]));

const reward: z.ZodType<RewardRow> = z
  .object({
    /** May be left out where both sides begin with it. */
    prompt: promptSchema.optional(),
    chosen: promptSchema,
    rejected: promptSchema,
    margin: z.number("it must be a number").exactOptional(),
    ...templateFields,
  })
  .transform(({ prompt, ...row }) => ({
    ...row,
    prompt: prompt ?? (typeof row.chosen === "string" ? "" : []),
  }))
  .superRefine(sameForm(["chosen", "rejected", "prompt"]));

/** Whether `row` is an object with this field. */
export function hasField(row: unknown, field: string): boolean {
  return row !== null && typeof row === "object" && field in row;
}

export const readSupervisedRows = rowReader<SupervisedRow>({
  name: "supervised training data",
  example:
    '{"prompt": "…", "completion": "…"} or {"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}',
  row: (row) => (hasField(row, "messages") ? messages : promptCompletion),
});

export const readPreferenceRows = rowReader({
  name: "preference data",
  example: '{"prompt": "…", "chosen": "…", "rejected": "…"}',
  row: preference,
});

export const readRewardRows = rowReader({
  name: "ranked pairs",
  example: '{"prompt": "…", "chosen": "…", "rejected": "…"}',
  row: reward,
});
