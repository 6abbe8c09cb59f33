/**
 * @file The names under which a run of the method is recorded: its three stages, why
 * the first one ended, and the rules of questions that got no answer.
 */

/** New instructions are written. */
export const INSTRUCTION_STAGE = "instructions";
/** They are sorted into classification tasks and others. */
export const CLASSIFICATION_STAGE = "classification";
/** Their inputs and outputs are written. */
export const INSTANCE_STAGE = "instances";

/** Why a run stopped asking for instructions. */
export const STOP_REASONS = [
  /** As many as were asked for. */
  "accepted",
  /** Too many requests in a row gave nothing new. */
  "barren",
  /** None of the first answers could be read. */
  "unreadable",
  /** A replay came to the end of what was recorded. */
  "end-of-record",
] as const;

export type EndReason = (typeof STOP_REASONS)[number];

/** Rule under which requests are recorded that would be refused again. */
export const REFUSED = "request-refused";
/** Rule under which questions are recorded that the next run asks again. */
export const GIVEN_UP = "request-given-up";
/** Both. Their reasons name addresses and folders of whoever made the data. */
export const UNANSWERED: ReadonlySet<string> = new Set([REFUSED, GIVEN_UP]);
