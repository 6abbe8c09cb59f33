/**
 * @file The words of Self-Instruct as types: a seed task, an instance, a piece of
 * a model's answer that was refused.
 */

/** One worked example of an instruction. */
export interface Instance {
  /** Empty when the instruction needs nothing besides itself. */
  readonly input: string;
  readonly output: string;
}

/** A model's answer as the parsers need it. */
export interface Answer {
  readonly text: string;
  /** "length" means that the answer was cut off by the token limit. */
  readonly finishReason: "stop" | "length";
}

/** Part of an answer that did not become an item, and why. */
export interface RejectedFragment {
  /** Verbatim text of the answer, trimmed. */
  readonly text: string;
  readonly reason: FragmentReason;
}

/** Why a parser refused a fragment; the first is also a switchable rule. */
export type FragmentReason =
  /** The last item of an answer that the token limit cut off. */
  | "truncated-last-item"
  /** Hidden reasoning that the model wrote before its answer. */
  | "reasoning"
  /** Text before the first item ("Sure, here are some tasks"). */
  | "preamble"
  /** Text after or between items that belongs to none. */
  | "outside-list"
  /** The model went on to answer the task it had just made. */
  | "self-answer"
  /** It can be cut into instances in more than one way. */
  | "ambiguous"
  /** Marks of reasoning or of turns stand within it. */
  | "marks-inside"
  /** A number with nothing behind it. */
  | "blank-item"
  /** An example without an output, or with words in its place. */
  | "no-output"
  /** More items than were asked for. */
  | "too-many-items"
  /** Nothing in the text has the form that was asked for. */
  | "no-structure";

/** Result of every parser: nothing of the answer is thrown away unseen. */
export interface Parsed<Item> {
  readonly accepted: readonly Item[];
  readonly rejected: readonly RejectedFragment[];
}
