/**
 * @file The language of a text, by the n-grams and profiles of langdetect (Nakatani
 * Shuyo's language-detection, Apache-2.0).
 *
 * langdetect draws n-grams by chance until one language is almost certain, and so may
 * answer differently each time. Here every n-gram counts once: the language is the one
 * that its draws tend to.
 */
import { readLanguageData } from "./language-data.js";

interface ProfileFile {
  /** langdetect's codes: ISO 639-1, and zh-cn, zh-tw. */
  readonly languages: readonly string[];
  /** N-grams seen of each language, by their length − 1. */
  readonly totals: readonly (readonly number[])[];
  /** Language, count, language, count, …, by n-gram. */
  readonly counts: Readonly<Record<string, readonly number[]>>;
  /** Chinese characters that count as their first. */
  readonly kanji: readonly string[];
  /** Letters with a combining mark, and what they are composed, by mark. */
  readonly vietnamese: {
    readonly letters: string;
    readonly marks: string;
    readonly composed: readonly string[];
  };
}

interface Profiles extends Pick<ProfileFile, "languages" | "totals"> {
  readonly counts: ReadonlyMap<string, readonly number[]>;
  readonly kanji: ReadonlyMap<string, string>;
  readonly vietnamese: ReadonlyMap<string, string>;
}

let loaded: Profiles | undefined;

function profiles(): Profiles {
  if (loaded !== undefined) return loaded;
  const file = readLanguageData<ProfileFile>("language-profiles");
  const { letters, marks, composed } = file.vietnamese;
  loaded = {
    languages: file.languages,
    totals: file.totals,
    counts: new Map(Object.entries(file.counts)),
    kanji: new Map(
      file.kanji.flatMap((group) => {
        const [first = "", ...others] = group;
        return others.map((other) => [other, first] as const);
      }),
    ),
    vietnamese: new Map(
      Array.from(marks).flatMap((mark, m) =>
        Array.from(letters).map(
          (letter, l) =>
            [letter + mark, composed[m]?.charAt(l) ?? letter] as const,
        ),
      ),
    ),
  };
  return loaded;
}

/** Characters looked at, after runs of spaces became one. */
const MOST_CHARACTERS = 10_000;
/** langdetect's α of 0.5 over its base frequency: what an unseen n-gram weighs. */
const UNSEEN = 0.5 / 10_000;

/** A code of langdetect, such as "en" or "zh-cn"; null where nothing tells. */
export function detectLanguage(text: string): string | null {
  const { languages, totals, counts } = profiles();
  const grams = nGrams(text).filter((gram) => counts.has(gram));
  if (grams.length === 0) return null;
  const evidence = languages.map(() => grams.length * Math.log(UNSEEN));
  for (const gram of grams) {
    const length = Array.from(gram).length;
    const known = counts.get(gram) ?? [];
    for (let at = 0; at < known.length; at += 2) {
      const language = known[at] ?? 0;
      const share =
        (known[at + 1] ?? 0) / (totals[language]?.[length - 1] ?? 1);
      evidence[language] =
        (evidence[language] ?? 0) + Math.log1p(share / UNSEEN);
    }
  }
  return languages[evidence.indexOf(Math.max(...evidence))] ?? null;
}

const ADDRESS =
  /https?:\/\/[-_.?&~;+=/#0-9A-Za-z]{1,2076}|[-_.0-9A-Za-z]{1,64}@[-_0-9A-Za-z]{1,255}[-_.0-9A-Za-z]{1,255}/gu;
const COMBINED = /[AEIOUYaeiouyÂÊÔâêôĂăƠơƯư][\u0300\u0301\u0303\u0309\u0323]/gu;

/** Runs of one to three characters inside words, with the space before; words in capitals left out. */
function nGrams(text: string): string[] {
  const found: string[] = [];
  let recent = [" "];
  let capitals = false;
  for (const character of foreignOnly(cleaned(text))) {
    const next = normalized(character);
    const last = recent.at(-1) ?? " ";
    if (last === " ") {
      recent = [" "];
      capitals = false;
      if (next === " ") {
        // Between words.
      } else recent.push(next);
    } else recent = [...recent.slice(-2), next];
    if (last !== " " || next !== " ")
      capitals = isCapital(next) && (isCapital(last) || capitals);
    if (capitals) continue;
    for (let length = 1; length <= Math.min(3, recent.length); length++) {
      const gram = recent.slice(-length).join("");
      if (gram !== " ") found.push(gram);
    }
  }
  return found;
}

function isCapital(character: string): boolean {
  return /^\p{Uppercase}$/u.test(character);
}

function cleaned(text: string): string[] {
  const { vietnamese } = profiles();
  const composed = text
    .replace(ADDRESS, " ")
    .replace(COMBINED, (pair) => vietnamese.get(pair) ?? pair);
  const characters = Array.from(composed).slice(0, MOST_CHARACTERS);
  return characters.filter(
    (character, i) => character !== " " || characters[i - 1] !== " ",
  );
}

/** Without Latin letters where another script has more than twice as many. */
function foreignOnly(characters: readonly string[]): readonly string[] {
  const latin = (character: string): boolean =>
    character >= "A" && character <= "z";
  const foreign = characters.filter((character) =>
    /[\u0300-\u1dff\u1f00-\u{10ffff}]/u.test(character),
  );
  return characters.filter(latin).length * 2 < foreign.length
    ? characters.filter((character) => !latin(character))
    : characters;
}

/** Characters of a block that tell nothing more than the block, as one. */
const BLOCKS: readonly (readonly [RegExp, string])[] = [
  [/[\0-@[-`{-\x7f\xa0\xab\xb0\xbb\u2000-\u206f]/u, " "],
  [/\u0219/u, "\u015f"],
  [/\u021b/u, "\u0163"],
  [/\u06cc/u, "\u064a"],
  [/[\u1ea0-\u1eff]/u, "\u1ec3"],
  [/[\u3040-\u309f]/u, "\u3042"],
  [/[\u30a0-\u30ff]/u, "\u30a2"],
  [/[\u3100-\u312f\u31a0-\u31bf]/u, "\u3105"],
  [/[\uac00-\ud7af]/u, "\uac00"],
];

function normalized(character: string): string {
  const block = BLOCKS.find(([characters]) => characters.test(character));
  return block?.[1] ?? profiles().kanji.get(character) ?? character;
}
