/**
 * @file `zh:…`: the kinds whose IFEval counterpart counts or looks for what Chinese text
 * does not have, such as words between spaces. The other kinds hold for Chinese as they
 * are.
 */
import { z } from "zod";
import { strip } from "../../../text/python/strings.js";
import {
  constraint,
  countField,
  holds,
  phraseField,
  relationField,
} from "./constraint.js";

const HAN = /\p{Script=Han}/gu;
/** A mark that ends a sentence, or the last words where none does. */
const SENTENCE = /[^。！？!?…\n]*[\p{L}\p{N}][^。！？!?…\n]*/gu;
const TITLE = /《([^\n》]*)》/gu;
const QUOTES = [
  ["“", "”"],
  ["「", "」"],
  ["『", "』"],
] as const;

const count = (response: string, pattern: RegExp): number =>
  response.match(pattern)?.length ?? 0;

export const chineseForms = {
  "zh:number_characters": constraint(
    { num_characters: countField, relation: relationField },
    (response, { num_characters, relation }) =>
      holds(count(response, HAN), relation, num_characters),
  ),
  "zh:number_sentences": constraint(
    { num_sentences: countField, relation: relationField },
    (response, { num_sentences, relation }) =>
      holds(count(response, SENTENCE), relation, num_sentences),
  ),
  "zh:no_comma": constraint({}, (response) => !/[,，、]/u.test(response)),
  "zh:quotation": constraint({}, (response) => {
    const text = strip(response);
    return QUOTES.some(
      ([open, close]) => text.startsWith(open) && text.endsWith(close),
    );
  }),
  // IFEval's forbidden words end where words do, which no space shows here.
  "zh:forbidden_words": constraint(
    { forbidden_words: z.array(phraseField, "it must be a list").min(1) },
    (response, { forbidden_words }) =>
      !forbidden_words.some((word) => response.includes(word)),
  ),
  "zh:title": constraint({}, (response) =>
    [...response.matchAll(TITLE)].some(([, title = ""]) => strip(title) !== ""),
  ),
};
