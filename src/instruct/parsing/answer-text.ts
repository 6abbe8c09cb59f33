/**
 * @file What is taken off an answer before any parser reads it: hidden reasoning
 * and a code fence around the whole.
 *
 * Nothing is dropped unseen: what is taken off is handed back as a fragment.
 */
import type { Answer, RejectedFragment } from "../records.js";

const REASONING = /^\s*<(think|thinking|reasoning)>/iu;
const FENCE = /^\s*(`{3,})[^\n`]*\n([\s\S]*?)\n?[ \t]*\1\s*$/u;

/** The text to be parsed, and what stood before it. */
export function readableText(answer: Answer): {
  readonly text: string;
  readonly rejected: readonly RejectedFragment[];
} {
  const { reasoning, rest } = withoutReasoning(answer.text);
  const fenced = FENCE.exec(rest);
  return {
    text: fenced?.[2] ?? rest,
    rejected: fragments(reasoning, "reasoning"),
  };
}

/** A fragment for `text`, unless there is nothing visible in it. */
export function fragments(
  text: string,
  reason: RejectedFragment["reason"],
): readonly RejectedFragment[] {
  const trimmed = text.trim();
  return trimmed === "" ? [] : [{ text: trimmed, reason }];
}

function withoutReasoning(text: string): {
  readonly reasoning: string;
  readonly rest: string;
} {
  const opening = REASONING.exec(text);
  if (opening === null) return { reasoning: "", rest: text };
  const closing = new RegExp(`</${opening[1] ?? ""}>`, "iu").exec(text);
  // Reasoning that was never closed swallowed the whole answer.
  const end =
    closing === null ? text.length : closing.index + closing[0].length;
  return { reasoning: text.slice(0, end), rest: text.slice(end) };
}
