/**
 * @file Conversations as JSON Lines of {messages: [{role, content}, …]}.
 */
import { z } from "zod";
import { writeJsonLines } from "../../foundation/json-lines.js";
import type { ChatMessage, MessagesRow } from "../records.js";
import type { FormatDescription } from "./field-errors.js";
import { readRows, type PlacedRow, type RowFile } from "./rows.js";

export const MESSAGES_FORMAT: FormatDescription = {
  name: "the chat format",
  example:
    '{"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}',
};

/** Shared with the prompt/completion format, whose sides may be conversations. */
export const chatMessages: z.ZodType<readonly ChatMessage[]> = z
  .array(
    // What else a message has is the chat template's, and goes with it.
    z
      .looseObject({
        role: z.enum(
          ["system", "developer", "user", "assistant", "tool"],
          "it must be system, developer, user, assistant or tool",
        ),
        content: z.string("it must be text").nullish(),
        tool_calls: z.array(z.unknown(), "it must be a list").nullish(),
      })
      .refine(
        ({ content, tool_calls: calls }) =>
          typeof content === "string" || (calls?.length ?? 0) > 0,
        {
          path: ["content"],
          message: "it must be text where the message calls no tools",
        },
      ),
    "it must be a list",
  )
  .min(1, "at least one message is needed");

const messagesRow = z.object({ messages: chatMessages });

/** Rows with the line of each. @throws BAD_INPUT naming file, line and field */
export async function readPlacedMessages(
  source: string | RowFile,
): Promise<readonly PlacedRow<MessagesRow>[]> {
  return readRows<MessagesRow>(source, messagesRow, MESSAGES_FORMAT);
}

/** All or nothing. @throws STORAGE */
export async function writeChatMessages(
  path: string,
  rows: Iterable<MessagesRow> | AsyncIterable<MessagesRow>,
): Promise<void> {
  await writeJsonLines(path, rows);
}
