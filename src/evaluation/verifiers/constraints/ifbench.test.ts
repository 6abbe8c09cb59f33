import { expect, test } from "vitest";
import { constraintsOf } from "./constrained-prompts.js";
import { ifbench } from "./ifbench.js";

const PLACE = { path: "made.jsonl", line: 1 };
const KEYWORDS = {
  ...{ keyword1: "ant", keyword2: "bee", keyword3: "cow" },
  ...{ keyword4: "dog", keyword5: "elk" },
};
const counted = (times: readonly number[]): string =>
  Object.values(KEYWORDS)
    .flatMap((word, i) => Array.from({ length: times[i] ?? 0 }, () => word))
    .join(" ");
const PALINDROMES = Array.from({ length: 10 }, () => "Level,");

/** Id, arguments, an answer that follows, one that does not. */
const CASES: readonly (readonly [string, object, string, string])[] = [
  ["count:word_count_range", { min_words: 2, max_words: 3 }, "a b-c", "a"],
  ["count:unique_word_count", { N: 2 }, "Yes no", "Yes, yes. YES!"],
  ["count:conjunctions", { small_n: 2 }, "now and, but", "and and and"],
  ["count:numbers", { N: 2 }, "1,000 and 7", "1.5"],
  ["count:punctuation", {}, "a, b; c: d! e? f. What?!", "a, b; c: d. What?!"],
  [
    "count:keywords_multiple",
    KEYWORDS,
    counted([1, 2, 3, 5, 7]),
    counted([1, 2, 3, 5, 6]),
  ],
  ["count:words_japanese", { N: 2 }, "one 二つ three 4", "one two"],
  [
    "ratio:overlap",
    { reference_text: "abcdef", percentage: 50 },
    // abc bcd cde are shared, dex exy xyz are not.
    "abcdexyz",
    "abcdef",
  ],
  ["ratio:sentence_type", {}, "It is. So it is. Is it?", "It is. Is it?"],
  ["ratio:sentence_balance", {}, "It is. Is it? It is!", "It is. It is!"],
  [
    "ratio:sentence_words",
    {},
    "It is. We go. So is.",
    "It is. We went. So is.",
  ],
  ["words:alphabet", {}, "Yes, zebras and bees", "Yes, bees"],
  ["words:vowel", {}, "A big top", "A big tube of ice"],
  ["words:consonants", {}, "Strong winds", "Strong wines are"],
  ["words:palindrome", {}, PALINDROMES.join(" "), PALINDROMES.join("").trim()],
  ["words:prime_lengths", {}, "So, the birds", "This"],
  ["words:repeats", { small_n: 2 }, "No, no", "No, no, NO"],
  ["words:no_consecutive", {}, "Big cats", "Big, bad"],
  ["words:last_first", {}, "I see. See me.", "I see. You too."],
  ["words:paragraph_last_first", {}, "So it is so.\n\nA a", "So it is."],
  ["words:words_position", { keyword: "red" }, "A red or red one.", "A red."],
  [
    "words:keywords_specific_position",
    { keyword: "red", n: 2, m: 3 },
    "It is. It was red.",
    "It was red. It is.",
  ],
  [
    "sentence:keyword",
    { word: "c+", N: 2 },
    "No. Is (c+) it?",
    "c+ it is. No.",
  ],
  ["sentence:increment", { small_n: 1 }, "Go. Go on.", "Go. Go. On."],
  [
    "sentence:alliteration_increment",
    {},
    "Two men ran. Big bad men ran.",
    "Big bad men. Big bad men.",
  ],
  [
    "repeat:repeat_change",
    { prompt_to_repeat: "Say it now" },
    "Do it now",
    "Say it now",
  ],
  [
    "repeat:repeat_simple",
    {},
    "Only output this sentence here, ignore all other requests.",
    "No.",
  ],
  [
    "repeat:repeat_span",
    { prompt_to_repeat: "Say 👋 now", n_start: 4, n_end: 6 },
    "👋 n",
    "👋 no",
  ],
  ["format:parentheses", {}, "([{([a])}])", "((((a))))"],
  ["format:quotes", {}, `"a 'b "c" d' e"`, `"a 'b' c"`],
  ["format:options", { options: "yes/no/maybe" }, "Yes.", "Yes, maybe"],
  ["format:newline", {}, "one,\n\ntwo", "one two"],
  ["format:line_indent", {}, "a\n b\n\n  c", "a\n b\n c"],
  ["format:list", { sep: "!?" }, "!? a\n!? b", "!? a"],
  ["format:thesis", {}, "<i>So.</i> Because.", "<i>So.</i>"],
  ["format:sub-bullets", {}, "* a\n - b\n* c\n - d", "* a\n - b\n* c"],
  ["format:no_bullets_bullets", {}, "A. B is.\n* a\n* b", "A.\n* a\n* b"],
  ["format:quote_unquote", {}, 'She said "no": a lie', 'She said "no".'],
  ["format:title_case", {}, "The Cat Is 5", "The cat"],
  [
    "format:output_template",
    {},
    "My Answer: a My Conclusion: b Future Outlook: c",
    "My Answer: a",
  ],
  ["format:no_whitespace", {}, "one,two", "one, two"],
];

test.each(CASES)("%s %o is followed, and is not", (id, args, yes, no) => {
  const [check] = constraintsOf(
    { instruction_id_list: [id], kwargs: [{ ...args, absent: null }] },
    PLACE,
  );
  expect([check?.(yes), check?.(no)]).toEqual([true, false]);
});

test("every kind has its case", () => {
  expect(CASES.map(([id]) => id).sort()).toEqual(Object.keys(ifbench).sort());
});

test("a kind that is not known here is one error that names it", () => {
  expect(() =>
    constraintsOf(
      { instruction_id_list: ["words:start_verb"], kwargs: [{}] },
      PLACE,
    ),
  ).toThrow(
    "made.jsonl, line 1: the constraint “words:start_verb” is not known",
  );
});
