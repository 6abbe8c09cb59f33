/**
 * @file How near a response comes to reference answers: ROUGE-L and exact match, the
 * best over the references, as Super-NaturalInstructions measures (Wang et al. 2022,
 * arXiv 2204.07705, section 6.1).
 */
import { rougeL } from "../../text/rouge-l.js";
import { unicodeTokens } from "../../text/unicode-tokens.js";
import { wordTokens } from "../../text/word-tokens.js";
import { normalizedText } from "./normalized-text.js";

export interface ReferenceMatch {
  /** F-measure, 0 … 1. */
  readonly rougeL: number;
  /** Equal but for case, ASCII punctuation and white space. */
  readonly exactMatch: boolean;
}

/** Scripts whose words the ROUGE tokenizer does not see. */
const BEYOND_ASCII = /[^\p{ASCII}\p{Script=Latin}\P{L}]/u;

/** @param references at least one */
export function matchReferences(
  references: readonly string[],
  response: string,
): ReferenceMatch {
  const wanted = normalizedText(response);
  return {
    rougeL: Math.max(
      ...references.map((reference) => {
        const tokens = BEYOND_ASCII.test(reference)
          ? unicodeTokens
          : wordTokens;
        return rougeL(tokens(reference), tokens(response)).fMeasure;
      }),
    ),
    exactMatch: references.some((each) => normalizedText(each) === wanted),
  };
}
