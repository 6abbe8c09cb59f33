/**
 * @file TRL's prompt/completion rows as JSON Lines; each side is text or a
 * conversation.
 */
import { z } from "zod";
import { writeJsonLines } from "../../foundation/json-lines.js";
import type { PromptCompletionRow } from "../records.js";
import { chatMessages } from "./chat-messages.js";
import type { FormatDescription } from "./field-errors.js";
import { readRows } from "./rows.js";

export const PROMPT_COMPLETION_FORMAT: FormatDescription = {
  name: "the prompt/completion format",
  example: '{"prompt": "…", "completion": "…"}',
};

const side = z.union(
  [z.string(), chatMessages],
  "it must be text or a list of messages",
);

const promptCompletionRow = z
  .object({
    prompt: side,
    completion: side,
    weight: z.number("it must be a number").optional(),
  })
  .transform(({ prompt, completion, weight }) =>
    weight === undefined
      ? { prompt, completion }
      : { prompt, completion, weight },
  );

/** @throws BAD_INPUT naming file, line and field */
export async function readPromptCompletion(
  path: string,
): Promise<readonly PromptCompletionRow[]> {
  const rows = await readRows<PromptCompletionRow>(
    path,
    promptCompletionRow,
    PROMPT_COMPLETION_FORMAT,
  );
  return rows.map(({ row }) => row);
}

/** All or nothing. @throws STORAGE */
export async function writePromptCompletion(
  path: string,
  rows: Iterable<PromptCompletionRow> | AsyncIterable<PromptCompletionRow>,
): Promise<void> {
  await writeJsonLines(path, rows);
}
