/**
 * @file TRL's prompt/completion rows as JSON Lines; each side is text or a
 * conversation.
 */
import { writeJsonLines } from "../../foundation/json-lines.js";
import type { PromptCompletionRow } from "../records.js";

/** All or nothing. @throws STORAGE */
export async function writePromptCompletion(
  path: string,
  rows: Iterable<PromptCompletionRow> | AsyncIterable<PromptCompletionRow>,
): Promise<void> {
  await writeJsonLines(path, rows);
}
