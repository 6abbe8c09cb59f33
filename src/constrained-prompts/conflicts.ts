/**
 * @file Which kinds of constraint one answer cannot follow together, or could follow only
 * by accident.
 */

/** Of each set a prompt has one kind at most. */
const ALTERNATIVES: readonly (readonly string[])[] = [
  // What the whole is divided into.
  [
    "length_constraints:number_paragraphs",
    "length_constraints:nth_paragraph_first_word",
    "detectable_format:multiple_sections",
    "detectable_format:number_bullet_lists",
    "combination:two_responses",
    "detectable_format:json_format",
    "detectable_format:constrained_response",
  ],
  // How long.
  ["length_constraints:number_words", "length_constraints:number_sentences"],
  ["zh:number_characters", "zh:number_sentences"],
  // In which letters: sections and fixed answers have theirs.
  [
    "change_case:english_capital",
    "change_case:english_lowercase",
    "change_case:capital_word_frequency",
    "detectable_format:multiple_sections",
    "detectable_format:constrained_response",
    "language:response_language",
  ],
  // A letter that is counted is in words that are asked for.
  ["keywords:letter_frequency", "keywords:existence", "keywords:frequency"],
  // What it begins with.
  ["startend:quotation", "combination:repeat_prompt"],
];

const PHRASES = [
  "keywords",
  "startend:end_checker",
  "detectable_content:postscript",
];

/** Kinds, or what ids begin with, that do not go with a kind. */
const REFUSALS: Readonly<Record<string, readonly string[]>> = {
  // Nothing is outside the object.
  "detectable_format:json_format": [
    ...["startend", "punctuation", "detectable_content"],
    ...["detectable_format", "combination", "change_case", "zh"],
    "length_constraints:number_sentences",
  ],
  // The request has commas, words and a length of its own, and a language.
  "combination:repeat_prompt": [
    ...["length_constraints", "keywords", "punctuation", "change_case"],
    ...["language", "zh", "combination"],
  ],
  // Words that are asked for are in the prompt's language.
  "language:response_language": [
    ...PHRASES,
    ...["startend", "zh", "length_constraints"],
  ],
  "detectable_format:constrained_response": [
    ...["detectable_content:number_placeholders", "startend:end_checker"],
  ],
  // Each line is a sentence.
  "zh:number_sentences": [
    ...["detectable_format", "detectable_content", "zh:title"],
    ...["length_constraints", "combination"],
  ],
  // A fixed phrase may have what is forbidden.
  "startend:end_checker": [
    ...["keywords:forbidden_words", "keywords:letter_frequency"],
    ...["zh:forbidden_words", "zh:quotation", "detectable_content:postscript"],
  ],
};

const refuses = (a: string, b: string): boolean =>
  REFUSALS[a]?.some((each) => b === each || b.startsWith(`${each}:`)) ?? false;

/** Whether a prompt may have both; not twice the same. */
export function compatible(a: string, b: string): boolean {
  return (
    a !== b &&
    !refuses(a, b) &&
    !refuses(b, a) &&
    !ALTERNATIVES.some((set) => set.includes(a) && set.includes(b))
  );
}
