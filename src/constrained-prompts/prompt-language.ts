/**
 * @file What a language brings to prompts with constraints: subjects, tasks, the words
 * that constraints ask for, and the sentences that ask for them.
 */

/** Sentences of a constraint; slots in braces are its arguments by name. */
export type Wordings = Readonly<Record<string, readonly string[]>>;

export interface PromptLanguage {
  /** Noun phrases. Training and held-out prompts never share one. */
  readonly subjects: {
    readonly training: readonly string[];
    readonly heldOut: readonly string[];
  };
  /** With the slot `{subject}`. */
  readonly tasks: readonly string[];
  /** Tasks that can be answered by yes, no or maybe. */
  readonly questions: readonly string[];
  /** By the id of the kind; a kind that is not here is not made in this language. */
  readonly wordings: Wordings;
  /** Words that an answer may be asked to have. */
  readonly keywords: readonly string[];
  /** Words that answers have anyway, to be forbidden. */
  readonly usualWords: readonly string[];
  /** Letters that a text is full of, and letters it can do without. */
  readonly letters: {
    readonly frequent: readonly string[];
    readonly rare: readonly string[];
  };
  /** Of a paragraph; empty where words are not told apart by spaces. */
  readonly firstWords: readonly string[];
  readonly endPhrases: readonly string[];
  readonly postscripts: readonly string[];
  /** What a number may follow at the head of a section. */
  readonly sectionMarks: readonly string[];
  /** Names of languages by the code that `language:response_language` takes. */
  readonly languages: Readonly<Record<string, string>>;
  readonly relations: Readonly<Record<"at least" | "less than", string>>;
  /** Several words in one sentence. */
  readonly list: (words: readonly string[]) => string;
  /** Between sentences. */
  readonly space: string;
}
