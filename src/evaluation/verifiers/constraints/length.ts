/**
 * @file `length_constraints:…`: how many words, sentences and paragraphs.
 */
import { sentences } from "../../../text/python/sentences.js";
import {
  splitWords,
  strip,
  UNICODE_WORD,
} from "../../../text/python/strings.js";
import {
  constraint,
  countField,
  holds,
  phraseField,
  relationField,
} from "./constraint.js";
import { blockCount } from "./blocks.js";

const WORDS = new RegExp(`[${UNICODE_WORD}]+`, "gu");
const DIVIDER = "\\*\\*\\*";

export const length = {
  "length_constraints:number_words": constraint(
    { num_words: countField, relation: relationField },
    (response, { num_words, relation }) =>
      holds(response.match(WORDS)?.length ?? 0, relation, num_words),
  ),
  "length_constraints:number_sentences": constraint(
    { num_sentences: countField, relation: relationField },
    (response, { num_sentences, relation }) =>
      holds(sentences(response).length, relation, num_sentences),
  ),
  "length_constraints:number_paragraphs": constraint(
    { num_paragraphs: countField },
    (response, { num_paragraphs }) =>
      blockCount(response, DIVIDER) === num_paragraphs,
  ),
  "length_constraints:nth_paragraph_first_word": constraint(
    {
      num_paragraphs: countField,
      nth_paragraph: countField,
      first_word: phraseField,
    },
    (response, { num_paragraphs, nth_paragraph, first_word }) => {
      const paragraphs = response.split("\n\n");
      const count = paragraphs.filter((text) => strip(text) !== "").length;
      // The nth of all, blank ones included, but only as far as there are others.
      const wanted = strip(paragraphs[nth_paragraph - 1] ?? "");
      return (
        nth_paragraph <= count &&
        wanted !== "" &&
        count === num_paragraphs &&
        firstWord(wanted) === first_word.toLowerCase()
      );
    },
  ),
};

/** In small letters, without opening quotes, up to a mark. */
function firstWord(paragraph: string): string {
  const [word = ""] = splitWords(paragraph);
  const opened = strip(strip(word, "'", "left"), '"', "left");
  return (/^[^.,?!'"]*/u.exec(opened)?.[0] ?? "").toLowerCase();
}
