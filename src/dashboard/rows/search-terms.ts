/**
 * @file What is searched for, as words and phrases: each must occur somewhere in a row's
 * texts, whatever its case. `"…"` keeps spaces; everything else is taken as it stands.
 */

export interface SearchTerms {
  /** In lower case, none empty. */
  readonly terms: readonly string[];
  matches(texts: readonly string[]): boolean;
}

const PHRASE_OR_WORD = /"([^"]+)"|\S+/gu;
const MOST_TERMS = 16;
const LONGEST_SEARCH = 1000;

export function searchTerms(search: string): SearchTerms {
  const found = search.slice(0, LONGEST_SEARCH).matchAll(PHRASE_OR_WORD);
  return termsOf([...found].map(([word, phrase]) => phrase ?? word));
}

/** The terms as they are given. */
export function termsOf(given: readonly string[]): SearchTerms {
  const terms = given
    .map((term) => term.toLowerCase())
    .filter((term) => term.trim() !== "")
    .slice(0, MOST_TERMS);
  return {
    terms,
    matches: (texts) => {
      const lower = texts.map((text) => text.toLowerCase());
      return terms.every((term) => lower.some((text) => text.includes(term)));
    },
  };
}
