/**
 * @file Text that is not ours, made safe to show: what servers, models, files and
 * names say reaches a terminal, an error or a log only through here.
 *
 * A terminal obeys control codes (clear the screen, set the clipboard, overwrite the
 * line), reverses what stands after U+202E, and shows nothing for a zero-width
 * character. Such characters become `\uXXXX`, which everybody can see; in JSON text
 * that is the same value, so documents and logs stay what they were. Applying it
 * twice changes nothing more.
 */

/**
 * Control, format, unpaired surrogate, line and paragraph separator: Unicode's
 * categories of what is obeyed or not seen. Kept are line feed, tab, and the two
 * joiners after what they join (Arabic letters, marks such as a virama, emoji).
 */
const OBEYED_OR_UNSEEN =
  /(?![\n\t]|\r\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}](?<!(?:\p{Script=Arabic}|\p{M}|\p{Extended_Pictographic}|\p{Emoji_Modifier})[\u200c\u200d])/gu;

/** The text with every character that a terminal would obey or hide made visible; linear. */
export function harmless(text: string): string {
  return text.replace(OBEYED_OR_UNSEEN, (character) =>
    Array.from(
      { length: character.length },
      (_, unit) =>
        `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}

/**
 * The beginning of a text on one line, harmless.
 * @param longest most characters of the result's text, before it is made visible
 */
export function oneLine(text: string, longest = 300): string {
  // Ends of lines and runs of spaces are cut down first: four times is room enough.
  const line = text
    .slice(0, 4 * longest)
    .replace(/[^\S\u2028\u2029\ufeff]+/g, " ")
    .trim();
  if (line.length <= longest) return harmless(line);
  const start = line.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, "");
  return `${harmless(start)}…`;
}
