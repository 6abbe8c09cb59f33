/**
 * @file `language:…` and `change_case:…`: which language, and in which letters. A text
 * without a feature of any language passes, as in the reference.
 */
import { detectLanguage } from "../../../text/language.js";
import { isLower, isUpper } from "../../../text/python/strings.js";
import { treebankWords } from "../../../text/python/treebank-words.js";
import {
  constraint,
  countField,
  holds,
  phraseField,
  relationField,
} from "./constraint.js";

/** "zh" is either script of Chinese. */
function isIn(response: string, language: string): boolean {
  const found = detectLanguage(response);
  return (
    found === null ||
    found === language ||
    (language === "zh" && found.startsWith("zh-"))
  );
}

export const language = {
  "language:response_language": constraint(
    { language: phraseField },
    (response, args) => isIn(response, args.language),
  ),
  "change_case:english_capital": constraint(
    {},
    (response) => isUpper(response) && isIn(response, "en"),
  ),
  "change_case:english_lowercase": constraint(
    {},
    (response) => isLower(response) && isIn(response, "en"),
  ),
  "change_case:capital_word_frequency": constraint(
    { capital_frequency: countField, capital_relation: relationField },
    (response, { capital_frequency, capital_relation }) =>
      holds(
        treebankWords(response).filter(isUpper).length,
        capital_relation,
        capital_frequency,
      ),
  ),
};
