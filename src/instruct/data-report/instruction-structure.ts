/**
 * @file What an English instruction asks for in two words: its root verb and that
 * verb's direct object ("write … poem"), as figure 3 of the paper counts them.
 *
 * Looks at the first sentence that begins with an imperative. Questions and
 * statements have no such structure, and the count of those without is part of the
 * report (the paper finds it in 26,559 of 52,445). Parts of speech come from the
 * rule-based library `compromise`, so they are repeatable and sometimes wrong.
 */
import nlp from "compromise/three";

export interface InstructionStructure {
  /** Infinitive, lower case. */
  readonly verb: string;
  /** Head noun in the singular, lower case; absent where the verb has no direct object. */
  readonly object?: string;
}

interface Term {
  readonly normal: string;
  readonly tags: readonly string[];
}

/** Words between a verb and its object that do not end the search for it. */
const PASSED_OVER = [
  "Pronoun",
  "Determiner",
  "Adjective",
  "Value",
  "Adverb",
  "Particle",
  "Possessive",
];

/** Undefined when no sentence begins with an imperative. */
export function instructionStructure(
  instruction: string,
): InstructionStructure | undefined {
  for (const terms of sentences(instruction)) {
    const start = terms.findIndex(({ normal }) => normal !== "please");
    const verb = terms[start];
    if (verb === undefined || !isImperative(verb)) continue;
    const object = directObject(terms.slice(start + 1));
    return object === undefined
      ? { verb: verb.normal }
      : { verb: verb.normal, object };
  }
  return undefined;
}

function sentences(text: string): readonly (readonly Term[])[] {
  const found = nlp(text).json() as readonly {
    readonly terms: readonly Term[];
  }[];
  return found.map(({ terms }) => terms);
}

function isImperative({ normal, tags }: Term): boolean {
  return (
    /^[a-z]+$/u.test(normal) &&
    (tags.includes("Infinitive") || tags.includes("Imperative")) &&
    !tags.includes("Auxiliary") &&
    !tags.includes("Modal")
  );
}

function directObject(terms: readonly Term[]): string | undefined {
  const start = terms.findIndex(
    ({ tags }) =>
      isNoun(tags) || !PASSED_OVER.some((passed) => tags.includes(passed)),
  );
  const first = terms[start];
  if (first === undefined || !isNoun(first.tags)) return undefined;
  const rest = terms.slice(start);
  const length = rest.findIndex(({ tags }) => !isNoun(tags));
  // The last noun of a run is its head: "warning label".
  const head = rest[(length < 0 ? rest.length : length) - 1];
  return head === undefined ? undefined : singular(head.normal);
}

function isNoun(tags: readonly string[]): boolean {
  return (
    tags.includes("Noun") &&
    !tags.includes("Pronoun") &&
    !tags.includes("Possessive")
  );
}

function singular(noun: string): string {
  const found = nlp(noun).nouns().toSingular().text();
  return (found === "" ? noun : found).toLowerCase();
}
