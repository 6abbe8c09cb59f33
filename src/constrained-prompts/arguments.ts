/**
 * @file What each kind of constraint asks for in numbers and words, drawn so that an
 * answer of a page can do it.
 */
import type { RandomStream } from "../foundation/random.js";
import type { PromptLanguage } from "./prompt-language.js";

export type ConstraintArguments = Readonly<Record<string, unknown>>;

/** What a draw may use. */
export interface Drawing {
  readonly random: RandomStream;
  readonly language: PromptLanguage;
  /** The request without its constraints. */
  readonly task: string;
  /** Words that no other constraint of the prompt asks for or forbids. */
  readonly keywords: readonly string[];
}

type Draw = (drawing: Drawing) => ConstraintArguments;

/** A whole number from `low` to `high`, both included. */
const between = (random: RandomStream, low: number, high: number): number =>
  low + random.integer(high - low + 1);

type Range = readonly [low: number, high: number];

/** A bound either way: `least` where it is "at least", `most` where it is "less than". */
const bounded =
  (
    names: readonly [count: string, relation: string],
    { least, most }: { readonly least: Range; readonly most: Range },
    step = 1,
  ): Draw =>
  ({ random }) => {
    const relation = random.pick(["at least", "less than"] as const);
    const [low, high] = relation === "at least" ? least : most;
    const count = step * between(random, low / step, high / step);
    return { [names[0]]: count, [names[1]]: relation };
  };

const counted =
  (name: string, low: number, high: number): Draw =>
  ({ random }) => ({ [name]: between(random, low, high) });

const nothing: Draw = () => ({});

const forbidden: Draw = ({ random, language }) => ({
  forbidden_words: random.sample(language.usualWords, between(random, 1, 3)),
});

/** By the id of the kind: every kind that the verifier knows. */
export const ARGUMENTS: Readonly<Record<string, Draw>> = {
  "keywords:existence": ({ random, keywords }) => ({
    keywords: random.sample(keywords, between(random, 1, 3)),
  }),
  "keywords:frequency": ({ random, keywords }) => ({
    ...{ keyword: random.pick(keywords), frequency: between(random, 2, 4) },
    relation: random.pick(["at least", "at least", "less than"]),
  }),
  "keywords:forbidden_words": forbidden,
  "keywords:letter_frequency": ({ random, language: { letters } }) =>
    random.integer(2) === 0
      ? {
          letter: random.pick(letters.frequent),
          let_frequency: between(random, 3, 15),
          let_relation: "at least",
        }
      : {
          letter: random.pick(letters.rare),
          let_frequency: between(random, 2, 5),
          let_relation: "less than",
        },
  "language:response_language": ({ random, language }) => ({
    language: random.pick(Object.keys(language.languages)),
  }),
  "length_constraints:number_sentences": bounded(
    ["num_sentences", "relation"],
    { least: [3, 12], most: [3, 12] },
  ),
  "length_constraints:number_paragraphs": counted("num_paragraphs", 2, 4),
  "length_constraints:number_words": bounded(
    ["num_words", "relation"],
    { least: [40, 150], most: [60, 150] },
    10,
  ),
  "length_constraints:nth_paragraph_first_word": ({ random, language }) => {
    const num_paragraphs = between(random, 2, 4);
    return {
      num_paragraphs,
      nth_paragraph: between(random, 1, num_paragraphs),
      first_word: random.pick(language.firstWords),
    };
  },
  "detectable_content:number_placeholders": counted("num_placeholders", 2, 5),
  "detectable_content:postscript": ({ random, language }) => ({
    postscript_marker: random.pick(language.postscripts),
  }),
  "detectable_format:number_bullet_lists": counted("num_bullets", 2, 6),
  "detectable_format:constrained_response": nothing,
  "detectable_format:number_highlighted_sections": counted(
    "num_highlights",
    2,
    4,
  ),
  "detectable_format:multiple_sections": ({ random, language }) => ({
    section_spliter: random.pick(language.sectionMarks),
    num_sections: between(random, 2, 4),
  }),
  "detectable_format:json_format": nothing,
  "detectable_format:title": nothing,
  "combination:two_responses": nothing,
  "combination:repeat_prompt": ({ task }) => ({ prompt_to_repeat: task }),
  "startend:end_checker": ({ random, language }) => ({
    end_phrase: random.pick(language.endPhrases),
  }),
  "startend:quotation": nothing,
  "change_case:english_capital": nothing,
  "change_case:english_lowercase": nothing,
  "change_case:capital_word_frequency": bounded(
    ["capital_frequency", "capital_relation"],
    { least: [2, 6], most: [3, 8] },
  ),
  "punctuation:no_comma": nothing,
  "zh:number_characters": bounded(
    ["num_characters", "relation"],
    { least: [60, 200], most: [60, 200] },
    10,
  ),
  "zh:number_sentences": bounded(["num_sentences", "relation"], {
    least: [3, 10],
    most: [3, 10],
  }),
  "zh:no_comma": nothing,
  "zh:quotation": nothing,
  "zh:title": nothing,
  "zh:forbidden_words": forbidden,
};
