/**
 * @file What is taken off an answer before any parser reads it: hidden reasoning,
 * marks of turns, and a code fence around the whole.
 *
 * Nothing is dropped unseen: what is taken off is handed back as a fragment.
 */
import { withoutMarks } from "../../text/model-marks.js";
import type { Answer, RejectedFragment } from "../records.js";

/** The text to be parsed, and what stood before it. */
export function readableText(answer: Answer): {
  readonly text: string;
  readonly rejected: readonly RejectedFragment[];
} {
  const { reasoning, text } = withoutMarks(answer.text);
  return {
    text: withoutFence(text),
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

/** The inside of one fence around everything; fences within it are counted. */
function withoutFence(text: string): string {
  const lines = text.trim().split(/\r?\n/u);
  const [fence] = /^`{3,}(?=[^`]*$)/u.exec(lines[0] ?? "") ?? [];
  if (fence === undefined || lines.length < 2) return text;
  let depth = 0;
  for (const [place, line] of lines.entries()) {
    const said = line.trim();
    if (!said.startsWith(fence)) continue;
    depth += said === fence && depth > 0 ? -1 : 1;
    if (depth === 0) {
      return place === lines.length - 1 ? lines.slice(1, -1).join("\n") : text;
    }
  }
  return text;
}
