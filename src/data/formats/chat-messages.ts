/**
 * @file Conversations as JSON Lines of {messages: [{role, content}, …]}.
 */
import { z } from "zod";
import type { ChatMessage, MessagesRow } from "../records.js";
import { rowReader, type RowFormat } from "./rows.js";

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

export const MESSAGES_FORMAT: RowFormat<MessagesRow> = {
  name: "the chat format",
  example:
    '{"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}',
  row: z.object({ messages: chatMessages }),
};

export const readPlacedMessages = rowReader(MESSAGES_FORMAT);
