/**
 * @file From one instruction format to another.
 *
 * Going to chat loses where the instruction ends and the input begins; everything
 * else comes back from a round trip.
 */
import { messageText, type ChatMessage, type MessagesRow } from "../records.js";
import type { AlpacaRow, SeedTask } from "./instruction-records.js";

/** A seed task of one instance; the Alpaca format does not tell classification tasks. */
export function alpacaToSeed(row: AlpacaRow, id: string): SeedTask {
  return {
    id,
    name: id,
    instruction: row.instruction,
    instances: [{ input: row.input, output: row.output }],
    is_classification: false,
  };
}

/** The user says instruction and input, a blank line between; the assistant says the output. */
export function alpacaToMessages(row: AlpacaRow): MessagesRow {
  const content =
    row.input === "" ? row.instruction : `${row.instruction}\n\n${row.input}`;
  return {
    messages: [
      { role: "user", content },
      { role: "assistant", content: row.output },
    ],
  };
}

/** The first exchange of a conversation; undefined where it has none. */
export function messagesToAlpaca(row: MessagesRow): AlpacaRow | undefined {
  const asked = row.messages.findIndex(({ role }) => role === "user");
  const question: ChatMessage | undefined = row.messages[asked];
  const answer = row.messages
    .slice(asked + 1)
    .find(
      ({ role, content }) =>
        role === "assistant" && typeof content === "string",
    );
  return question === undefined || answer === undefined
    ? undefined
    : {
        instruction: messageText(question),
        input: "",
        output: messageText(answer),
      };
}
