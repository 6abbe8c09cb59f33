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
    String.raw`${outside}(${mark}{1,3})(?=${FIRST})(${inside}[^\s${mark}])\1(?!${mark}|${WORD})`,
    "gu",
  );
}

const STARS = marked(String.raw`\*`, String.raw`[^*]*?`);
/**
 * An underscore inside a word is part of the word. Their number is bounded, or every
 * mark of a long text would be sought a partner for to its end.
 */
const UNDERSCORES = marked(
  "_",
  String.raw`[^_]*?(?:(?<=[\p{L}\p{N}])_(?=[\p{L}\p{N}])[^_]*?){0,16}?`,
);
/** Python's special names: one lower-case word between two underscores on each side. */
const SPECIAL_NAME = /^__[a-z][a-z0-9_]*__$/u;
/** Emphasis within emphasis that is taken off; nobody nests deeper. */
const DEEPEST = 8;

/** `text` without emphasis; the words and what is no emphasis stay as they are. */
export function withoutEmphasis(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end } of codeSpans(text)) {
    parts.push(bareWords(text.slice(from, start)), text.slice(start, end));
    from = end;
  }
  return [...parts, bareWords(text.slice(from))].join("");
}

/**
 * `text` without the marks of a code span that it begins with: its first word
 * highlighted as code, or the whole put into code marks. Later spans stay, because
 * there the marks say what is code.
 */
export function withoutLeadingCode(text: string): string {
  const [mark = ""] = /^`+/u.exec(text) ?? [];
  const end = mark === "" ? -1 : text.indexOf("`", mark.length);
  const inside = text.slice(mark.length, end).trim();
  const closes =
    end > 0 && inside !== "" && /^`+/u.exec(text.slice(end))?.[0] === mark;
  return closes ? inside + text.slice(end + mark.length) : text;
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

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Code spans with their marks, as CommonMark has them, in order. */
function codeSpans(text: string): Span[] {
  const runs = [...text.matchAll(/`+/gu)].map(({ index, 0: run }) => ({
    start: index,
    length: run.length,
  }));
  const spans: Span[] = [];
  for (const [place, run] of runs.entries()) {
    if (run.start < (spans.at(-1)?.end ?? 0)) continue;
    // A run that nothing closes as a whole may still open with its last marks: with
    // as many as possible that a run behind closes before any longer one comes.
    let close: typeof run | undefined;
    for (let next = place + 1; close?.length !== run.length; next++) {
      const other = runs[next];
      if (other === undefined || other.length > run.length) break;
      if (other.length > (close?.length ?? 0)) close = other;
    }
    if (close === undefined) continue;
    const start = run.start + run.length - close.length;
    spans.push({ start, end: close.start + close.length });
  }
  return spans;
}

function bareWords(text: string): string {
  let bare = text;
  // Emphasis within emphasis shows once the inner one is off.
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    const before = bare;
    bare = before
      .replace(STARS, "$2")
      .replace(UNDERSCORES, (whole, _mark: string, inside: string) =>
        SPECIAL_NAME.test(whole) ? whole : inside,
      );
    if (bare === before) break;
  }
  return bare;
}
