/**
 * @file Markup that cannot be broken by what it shows.
 *
 * The `html` tag escapes every interpolated value unless it is itself markup made
 * by the tag. Model output, recipe values and file names go through it as plain
 * strings; nothing else in this folder builds tags.
 */

/** Finished markup. Made only by `html`, or by `verbatim` for our own constants. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Content =
  Markup | string | number | null | false | readonly Content[];

/** Tagged template: strings are escaped, markup passes, null and false vanish. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly Content[]
): Markup {
  let text = parts[0] ?? "";
  for (const [index, value] of values.entries()) {
    text += render(value) + (parts[index + 1] ?? "");
  }
  return new Markup(text);
}

/** Our own constant text (the style sheet) as it stands. Never for data. */
export function verbatim(constant: string): Markup {
  return new Markup(constant);
}

function render(value: Content): string {
  if (value === null || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return escapeText(value);
  return value.map(render).join("");
}

/**
 * Safe in text and in quoted attributes. Control characters that HTML does not
 * allow, which a model may well emit, become the replacement character.
 */
export function escapeText(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&#39;")
    .replace(FORBIDDEN_CONTROLS, "\uFFFD");
}

const FORBIDDEN_CONTROLS = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g;
