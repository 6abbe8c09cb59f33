/**
 * @file Taking Markdown's emphasis off an instruction: **bold**, *italic*, __bold__,
 * _italic_, and code marks around how it begins.
 *
 * Only balanced marks go, and only around words: a mark with a letter or digit on
 * its outer side, or white space on its inner one, is a sign of arithmetic or of a
 * name (`2 * 3`, `*args`, `snake_case`, `__init__`) and stays. Chinese has no spaces
 * around words, so its characters count as no letters here. Inside code spans
 * nothing changes.
 */

/** A letter, digit or underscore that a mark of emphasis cannot touch from outside. */
const WORD = String.raw`(?!\p{Script=Han})[\p{L}\p{N}_]`;
const FIRST = String.raw`[\p{L}\p{N}“”"'‘’「『《〈（(\[$#@]`;

function marked(mark: string, inside: string): RegExp {
  const outside = String.raw`(?<!${mark}|\\|(?:${WORD}))`;
  return new RegExp(
    String.raw`${outside}(${mark}{1,3})(?=${FIRST})(${inside}*?[^\s${mark}])\1(?!${mark}|${WORD})`,
    "gu",
  );
}

const STARS = marked(String.raw`\*`, String.raw`[^*]`);
/** An underscore inside a word is part of the word. */
const UNDERSCORES = marked(
  "_",
  String.raw`(?:[^_]|(?<=[\p{L}\p{N}])_(?=[\p{L}\p{N}]))`,
);
/** Python's special names: one lower-case word between two underscores on each side. */
const SPECIAL_NAME = /^__[a-z][a-z0-9_]*__$/u;
const CODE = /((`+)(?!`)(?:[^`]|(?!\2(?!`))`)*[^`]\2(?!`))/u;
const CODE_START = /^(`+)(?!`)\s*([^`]*[^`\s])\s*\1(?!`)/u;

/** `text` without emphasis; the words and what is no emphasis stay as they are. */
export function withoutEmphasis(text: string): string {
  // Splitting by a pattern with two groups gives [text, code, mark, text, …].
  return text
    .split(CODE)
    .map((part, place) =>
      place % 3 === 0 ? bareWords(part) : place % 3 === 1 ? part : "",
    )
    .join("");
}

/**
 * `text` without the marks of a code span that it begins with: its first word
 * highlighted as code, or the whole put into code marks. Later spans stay, because
 * there the marks say what is code.
 */
export function withoutLeadingCode(text: string): string {
  return text.replace(CODE_START, "$2");
}

/** Whether the whole of `text` is emphasised, as a heading is. */
export function isEmphasised(text: string): boolean {
  const [mark] = /^(?:\*{1,3}|_{1,3})/u.exec(text) ?? [];
  return (
    mark !== undefined &&
    text.endsWith(mark) &&
    withoutEmphasis(text) === text.slice(mark.length, -mark.length)
  );
}

function bareWords(text: string): string {
  for (let before = text; ;) {
    const after = before
      .replace(STARS, "$2")
      .replace(UNDERSCORES, (whole, _mark: string, inside: string) =>
        SPECIAL_NAME.test(whole) ? whole : inside,
      );
    // Emphasis within emphasis shows once the inner one is off.
    if (after === before) return after;
    before = after;
  }
}
