/**
 * @file IFT rows in the forms in which instruction data come: instruction with output,
 * prompt with completion, or a conversation of one question and one answer, as
 * `autodidact instruct` writes them.
 */
import { z } from "zod";
import { rowReader } from "./rows.js";

const text = z.string("it must be text");
const filled = text.min(1, "it must not be empty");

/** A row of an IFT file, read as the prompt that is asked and the answer to learn. */
export const instructionRow = z.preprocess(
  asInstruction,
  z
    .object({
      prompt: filled.optional(),
      instruction: filled.optional(),
      input: text.default(""),
      output: filled,
    })
    .refine((row) => (row.prompt ?? row.instruction) !== undefined, {
      path: ["instruction"],
      message: 'a row needs "prompt" or "instruction"',
    })
    .transform(({ prompt, instruction = "", input, output }) => ({
      prompt:
        prompt ?? (input === "" ? instruction : `${instruction}\n\n${input}`),
      output,
    })),
);

export const readInstructionRows = rowReader({
  name: "an IFT file",
  example: '{"instruction": "…", "input": "…", "output": "…"}',
  row: instructionRow,
});

const exchange = z.object({
  messages: z
    .array(z.object({ role: z.string(), content: z.string() }))
    .transform((messages) => messages.filter(({ role }) => role !== "system")),
});

function asInstruction(row: unknown, context: z.RefinementCtx): unknown {
  if (row === null || typeof row !== "object") return row;
  if ("messages" in row) {
    const [question, answer, ...more] =
      exchange.safeParse(row).data?.messages ?? [];
    if (
      question?.role === "user" &&
      answer?.role === "assistant" &&
      more.length === 0
    ) {
      return { prompt: question.content, output: answer.content };
    }
    context.addIssue({
      code: "custom",
      path: ["messages"],
      message:
        "it needs one user message and one assistant message, each with its content as text",
    });
    return z.NEVER;
  }
  if ("completion" in row && !("output" in row)) {
    const { completion, ...others } = row;
    const output = text.safeParse(completion).data?.trim() ?? "";
    if (output !== "") return { ...others, output };
    context.addIssue({
      code: "custom",
      path: ["completion"],
      message: "it must be text, and not empty",
    });
    return z.NEVER;
  }
  return row;
}
