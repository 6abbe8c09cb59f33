/**
 * @file `keywords:…`: words and letters that a response has or has not. Words are searched
 * as patterns, as the reference does, so "." finds any character.
 */
import { z } from "zod";
import { ignoringCase } from "../../../text/python/pattern.js";
import { strip } from "../../../text/python/strings.js";
import {
  constraint,
  countField,
  holds,
  patternField,
  relationField,
} from "./constraint.js";

const wordField = patternField((text) => ignoringCase(strip(text)));

/** @param edge pattern that must match at either end */
const wordsField = (edge = "") =>
  z
    .array(
      patternField((text) => ignoringCase(`${edge}${text}${edge}`)),
      "it must be a list of texts",
    )
    .min(1, "at least one is needed");

const has = (response: string, pattern: RegExp): boolean =>
  response.search(pattern) >= 0;

export const keywords = {
  "keywords:existence": constraint(
    { keywords: wordsField() },
    (response, args) =>
      args.keywords.every((pattern) => has(response, pattern)),
  ),
  "keywords:frequency": constraint(
    {
      keyword: wordField,
      frequency: countField,
      relation: relationField,
    },
    (response, { keyword, frequency, relation }) =>
      holds(response.match(keyword)?.length ?? 0, relation, frequency),
  ),
  "keywords:forbidden_words": constraint(
    { forbidden_words: wordsField("\\b") },
    (response, args) =>
      !args.forbidden_words.some((pattern) => has(response, pattern)),
  ),
  "keywords:letter_frequency": constraint(
    {
      letter: z
        .string("it must be text")
        .refine(
          (text) => Array.from(text).length === 1,
          "it must be one letter",
        ),
      let_frequency: countField,
      let_relation: relationField,
    },
    (response, { letter, let_frequency, let_relation }) =>
      holds(
        response.toLowerCase().split(letter.toLowerCase()).length - 1,
        let_relation,
        let_frequency,
      ),
  ),
};
