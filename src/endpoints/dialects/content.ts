/**
 * @file The words of an answer, out of the shapes in which servers wrap them.
 *
 * Plain text, or a list of parts of which those with text count: what a model thought
 * (parts of their own, or fields such as `reasoning_content`, `reasoning` and
 * `thinking` beside the content) is no part of its answer. Marks of thinking inside
 * plain text are left in; who reads the text takes them out.
 */
import { member } from "./json.js";

/** Types of parts that are words to the reader; every other type is passed over. */
const SPOKEN: ReadonlySet<unknown> = new Set([
  undefined,
  "text",
  "output_text",
  "refusal",
]);

/** The text of `content`; undefined for none, or a shape that holds no text. */
export function contentText(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  // Gateways that make JSON of what looks like it.
  if (typeof content === "number" || typeof content === "boolean")
    return String(content);
  if (!Array.isArray(content)) return partText(content);
  const parts = content.flatMap((part) =>
    typeof part === "string" ? [part] : (partText(part) ?? []),
  );
  return parts.join("");
}

function partText(part: unknown): string | undefined {
  // Gemini marks what it thought, and calls it text.
  if (member(part, "thought") === true || !SPOKEN.has(member(part, "type")))
    return undefined;
  const text =
    member(part, "text", "value") ??
    member(part, "text") ??
    member(part, "refusal");
  return typeof text === "string" ? text : undefined;
}
