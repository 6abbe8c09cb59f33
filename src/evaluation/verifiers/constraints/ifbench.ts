/**
 * @file Kinds of IFBench (Pyatkin et al. 2025, arXiv 2507.02833), under its ids: those
 * that text alone decides. What needs a lexicon (stop words, syllables, parts of speech,
 * emoji) and the tasks that occur once (`custom:…`) are not known here.
 *
 * The checks follow its reference (`ifbench/instructions.py`, Apache-2.0), whose sentences
 * are NLTK's and whose words lie between white space.
 */
import { z } from "zod";
import { sentences } from "../../../text/python/sentences.js";
import {
  isLower,
  isUpper,
  splitWords,
  strip,
  WORD,
} from "../../../text/python/strings.js";
import { treebankWords } from "../../../text/python/treebank-words.js";
import { constraint, countField, phraseField } from "./constraint.js";

/** `string.punctuation`. */
const MARKS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const EVERY_MARK = /[!-/:-@[-`{-~]/gu;
const indexField = z.int("it must be a whole number").min(0);

const withoutMarks = (text: string): string => text.replaceAll(EVERY_MARK, "");
const bare = (word: string): string => strip(word, `${MARKS} `);
/** In small letters, without marks. */
const plainWords = (text: string): string[] =>
  splitWords(withoutMarks(text.toLowerCase()));
/** What is true of every two neighbours. */
const eachNext = <T>(
  items: readonly T[],
  holds: (before: T, after: T) => boolean,
): boolean => items.slice(1).every((item, i) => holds(items[i] as T, item));
const ending = (text: string, mark: string): number =>
  sentences(text).filter((sentence) => sentence.endsWith(mark)).length;
const countOf = (text: string, part: string): number =>
  text.split(part).length - 1;
const initial = (word: string): string => [...word][0] ?? "";

const CONJUNCTIONS = new Set(["and", "but", "for", "nor", "or", "so", "yet"]);
const PRIMES = new Set([
  ...[2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59],
  ...[61, 67, 71, 73, 79, 83, 89, 97],
]);
const KEYWORD_COUNTS = [1, 2, 3, 5, 7];

const counts = {
  "count:word_count_range": constraint(
    { min_words: countField, max_words: countField },
    (response, { min_words, max_words }) => {
      const words = response.match(new RegExp(`[${WORD}]+`, "gu"))?.length ?? 0;
      return min_words <= words && words <= max_words;
    },
  ),
  "count:unique_word_count": constraint(
    { N: countField },
    (response, { N }) =>
      new Set(splitWords(response.toLowerCase()).map(bare)).size >= N,
  ),
  "count:conjunctions": constraint(
    { small_n: countField },
    (response, { small_n }) =>
      new Set(
        splitWords(response).filter((word) =>
          CONJUNCTIONS.has(bare(word).toLowerCase()),
        ),
      ).size >= small_n,
  ),
  "count:numbers": constraint(
    { N: countField },
    (response, { N }) =>
      (withoutMarks(response).match(/\p{Nd}+/gu)?.length ?? 0) === N,
  ),
  "count:punctuation": constraint({}, (response) => {
    if (!/!\?|\?!|‽/u.test(response)) return false;
    const rest = response.replace("?!", "");
    const left = rest === response ? response.replace("!?", "") : rest;
    return [...".,!?;:"].every((mark) => left.includes(mark));
  }),
  "count:keywords_multiple": constraint(
    {
      keyword1: phraseField,
      keyword2: phraseField,
      keyword3: phraseField,
      keyword4: phraseField,
      keyword5: phraseField,
    },
    (response, keywords) =>
      Object.values(keywords).every(
        (keyword, i) =>
          countOf(response.toLowerCase(), keyword.toLowerCase()) ===
          KEYWORD_COUNTS[i],
      ),
  ),
  "count:words_japanese": constraint({ N: countField }, (response, { N }) =>
    splitWords(response).every((word, i) => {
      const text = bare(word);
      if ((i + 1) % N !== 0 || text === "" || /^\p{Nd}+$/u.test(text))
        return true;
      return /[\u3040-\u30ff\u4e00-\u9fff]/u.test(text);
    }),
  ),
};

const ratios = {
  "ratio:overlap": constraint(
    { reference_text: phraseField, percentage: z.number().min(0).max(100) },
    (response, { reference_text, percentage }) => {
      const own = trigrams(response);
      const reference = trigrams(reference_text);
      const shared = [...own].filter((each) => reference.has(each)).length;
      const overlap = (shared / own.size) * 100;
      return percentage - 2 <= overlap && overlap <= percentage + 2;
    },
  ),
  "ratio:sentence_type": constraint(
    {},
    (response) => ending(response, ".") === 2 * ending(response, "?"),
  ),
  "ratio:sentence_balance": constraint({}, (response) => {
    const [first, ...others] = [".", "?", "!"].map((m) => ending(response, m));
    return others.every((count) => count === first);
  }),
  "ratio:sentence_words": constraint({}, (response) => {
    const lengths = sentences(response).map((s) => [...strip(s)].length);
    return lengths.length === 3 && new Set(lengths).size === 1;
  }),
};

/** Of characters. */
function trigrams(text: string): Set<string> {
  const points = [...text];
  return new Set(
    points.slice(2).map((_, i) => points.slice(i, i + 3).join("")),
  );
}

const words = {
  "words:alphabet": constraint({}, (response) => {
    const all = splitWords(withoutMarks(response));
    const letters = all.map((word) => initial(word).toLowerCase());
    if (!/^[a-z]$/u.test(letters[0] ?? "")) return false;
    return eachNext(
      letters,
      (before, after) =>
        after.charCodeAt(0) === ((before.charCodeAt(0) - 96) % 26) + 97,
    );
  }),
  "words:vowel": constraint({}, (response) => {
    const text = strip(response).toLowerCase();
    return !text.includes("\n") && new Set(text.match(/[aeiou]/gu)).size <= 3;
  }),
  "words:consonants": constraint({}, (response) =>
    splitWords(response.toLowerCase()).every((word) =>
      /[bcdfghjklmnpqrstvwxyz]{2}/u.test(word),
    ),
  ),
  "words:palindrome": constraint(
    {},
    (response) =>
      plainWords(response).filter((word) => {
        const points = [...word];
        return points.length >= 5 && points.toReversed().join("") === word;
      }).length >= 10,
  ),
  "words:prime_lengths": constraint({}, (response) =>
    splitWords(withoutMarks(response)).every((word) =>
      PRIMES.has([...word].length),
    ),
  ),
  "words:repeats": constraint(
    { small_n: countField },
    (response, { small_n }) => {
      const seen = new Map<string, number>();
      for (const word of plainWords(response))
        seen.set(word, (seen.get(word) ?? 0) + 1);
      return [...seen.values()].every((times) => times <= small_n);
    },
  ),
  "words:no_consecutive": constraint({}, (response) =>
    eachNext(
      plainWords(response),
      (before, after) => initial(before) !== initial(after),
    ),
  ),
  "words:last_first": constraint({}, (response) =>
    eachNext(sentences(response), (before, after) => {
      const last = splitWords(strip(before, `${MARKS} `, "right")).at(-1);
      const [first] = splitWords(strip(after, `${MARKS} `, "left"));
      return last !== undefined && last.toLowerCase() === first?.toLowerCase();
    }),
  ),
  "words:paragraph_last_first": constraint({}, (response) =>
    response.split("\n").every((paragraph) => {
      const all = splitWords(bare(strip(paragraph).toLowerCase()));
      return all[0] === all.at(-1);
    }),
  ),
  "words:words_position": constraint(
    { keyword: phraseField },
    (response, { keyword }) => {
      const all = treebankWords(response).map((word) => word.toLowerCase());
      const last = all.at(-1) ?? "";
      const isMark = last !== "" && MARKS.includes(last);
      const second = all.at(isMark ? -3 : -2);
      const wanted = keyword.toLowerCase();
      return (
        all.length >= (isMark ? 3 : 2) && all[1] === wanted && second === wanted
      );
    },
  ),
  "words:keywords_specific_position": constraint(
    { keyword: phraseField, n: countField, m: countField },
    (response, { keyword, n, m }) =>
      treebankWords(sentences(response)[n - 1] ?? "")
        .filter((word) => /[\p{L}\p{N}]/u.test(word))
        [m - 1]?.toLowerCase() === strip(keyword).toLowerCase(),
  ),
};

const wholes = {
  "sentence:keyword": constraint(
    { word: phraseField, N: countField },
    (response, { word, N }) => {
      const literal = word.replaceAll(/[\\^$.*+?()[\]{}|/-]/gu, "\\$&");
      const [before, after] = [`(?<![${WORD}])`, `(?![${WORD}])`];
      return new RegExp(`${before}${literal}${after}`, "iu").test(
        sentences(response)[N - 1] ?? "",
      );
    },
  ),
  "sentence:increment": constraint(
    { small_n: countField },
    (response, { small_n }) =>
      eachNext(
        sentences(response).map((s) => splitWords(withoutMarks(s)).length),
        (before, after) => after === before + small_n,
      ),
  ),
  "sentence:alliteration_increment": constraint({}, (response) =>
    eachNext(
      [-1, ...sentences(response).map(alliteration)],
      (before, after) => after > before,
    ),
  ),
  "repeat:repeat_change": constraint(
    { prompt_to_repeat: phraseField },
    (response, { prompt_to_repeat }) =>
      prompt_to_repeat !== response &&
      splitWords(prompt_to_repeat).slice(1).join(" ") ===
        splitWords(response).slice(1).join(" "),
  ),
  "repeat:repeat_simple": constraint(
    {},
    (response) =>
      strip(response).toLowerCase() ===
      "only output this sentence here, ignore all other requests.",
  ),
  "repeat:repeat_span": constraint(
    { prompt_to_repeat: phraseField, n_start: indexField, n_end: indexField },
    (response, { prompt_to_repeat, n_start, n_end }) =>
      strip(response).toLowerCase() ===
      strip(
        [...prompt_to_repeat].slice(n_start, n_end + 1).join(""),
      ).toLowerCase(),
  ),
};

/** Words in runs of at least two with one initial. */
function alliteration(sentence: string): number {
  const initials = splitWords(sentence.toLowerCase())
    .map((word) => initial(strip(word, `${MARKS} `, "left")))
    .filter((letter) => letter !== "");
  return initials.filter(
    (letter, i) => letter === initials[i - 1] || letter === initials[i + 1],
  ).length;
}

const CLOSING = new Map([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
]);
const DEPTH_OF_BRACKETS = 5;
const DEPTH_OF_QUOTES = 3;

const formats = {
  "format:parentheses": constraint({}, (response) => {
    let open: string[] = [];
    let deepest = 0;
    for (const character of response) {
      const closing = CLOSING.get(character);
      if (closing !== undefined) open.push(closing);
      else if (")]}".includes(character)) {
        if (open.at(-1) === character) {
          open.pop();
          if (deepest >= DEPTH_OF_BRACKETS) return true;
        } else [open, deepest] = [[], 0];
      }
      deepest = Math.max(deepest, open.length);
    }
    return false;
  }),
  "format:quotes": constraint({}, (response) => {
    const open: string[] = [];
    let deepest = 0;
    for (const character of response) {
      if (character === open.at(-1)) {
        open.pop();
        if (deepest - open.length >= DEPTH_OF_QUOTES) return true;
      } else if (character === '"' || character === "'") open.push(character);
      deepest = Math.max(deepest, open.length);
    }
    return false;
  }),
  "format:options": constraint(
    { options: phraseField },
    (response, { options }) => {
      const separator = ["/", "or"].find((each) => options.includes(each));
      const all = options.split(separator ?? ",").map((each) => strip(each));
      if (/^[^\p{L}\p{N}_]*a[^\p{L}\p{N}_]*b[^\p{L}\p{N}_]*c/iu.test(options))
        return all.includes(response);
      const given = bare(response).toLowerCase();
      return all.some((each) => bare(each).toLowerCase() === given);
    },
  ),
  "format:newline": constraint({}, (response) => {
    const text = strip(withoutMarks(response));
    const lines = text.split("\n").filter((line) => line !== "");
    return lines.length === splitWords(text).length;
  }),
  "format:line_indent": constraint({}, (response) =>
    eachNext(
      response.split("\n").filter((line) => strip(line) !== ""),
      (before, after) => indent(after) > indent(before),
    ),
  ),
  "format:list": constraint(
    { sep: phraseField },
    (response, { sep }) => countOf(response, sep) >= 2,
  ),
  "format:thesis": constraint({}, thesis),
  "format:sub-bullets": constraint({}, (response) =>
    response
      .split("*")
      .slice(1)
      .every((bullet) => bullet.includes("-")),
  ),
  "format:no_bullets_bullets": constraint({}, (response) => {
    const lines = response.split("\n").map((line) => strip(line));
    const first = lines.findIndex((line) => line.startsWith("*"));
    const before = lines.slice(0, first).flatMap(sentences);
    const bullets = lines.slice(first);
    return (
      first >= 0 &&
      before.length >= 2 &&
      bullets.length >= 2 &&
      bullets.every((line) => line.startsWith("*"))
    );
  }),
  "format:quote_unquote": constraint({}, (response) => {
    const text = splitWords(response.replaceAll(`'"'`, "")).join("");
    const rest = strip(text, `0123456789${MARKS.replace('"', "")}`);
    return !text.includes('""') && !rest.endsWith('"');
  }),
  "format:title_case": constraint({}, (response) =>
    treebankWords(response).every((word) => {
      const [first = "", ...others] = [...word];
      if (!/\p{L}/u.test(first) || !isLower(first)) return true;
      const rest = others.join("");
      return others.length > 0 && !isUpper(rest) && !isLower(rest);
    }),
  ),
  "format:output_template": constraint({}, (response) =>
    ["My Answer:", "My Conclusion:", "Future Outlook:"].every((part) =>
      response.includes(part),
    ),
  ),
  "format:no_whitespace": constraint(
    {},
    (response) => splitWords(` ${response} `)[0] === response,
  ),
};

const indent = (line: string): number =>
  line.length - line.replace(/^ +/u, "").length;

/** Something in italics, and something after it. */
function thesis(response: string): boolean {
  const start = [response.indexOf("<i>"), response.indexOf("<em>")].find(
    (at) => at >= 0,
  );
  if (start === undefined) return false;
  const text = response.slice(start);
  const end = [text.indexOf("</i>"), text.indexOf("</em>")].find(
    (at) => at >= 0,
  );
  return (
    end !== undefined &&
    strip(text.slice(3, end)) !== "" &&
    strip(text.slice(end + 4)) !== ""
  );
}

export const ifbench = {
  ...counts,
  ...ratios,
  ...words,
  ...wholes,
  ...formats,
};
