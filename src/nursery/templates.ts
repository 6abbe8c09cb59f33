/**
 * @file The texts with which the loop asks a nursery model to judge and to write
 * tasks. Every word is in the nursery vocabulary (tested); slots are in braces.
 */

/** Judge request: the additive rubric of the verifier in one line, then the pair. */
export const JUDGE_PROMPT_TEMPLATE =
  "rate 0 to 5 by kind , length , partly , nearly , exact : {prompt} answer : {response}";

/** The same request with the rubric spelled out. */
export const LONG_JUDGE_PROMPT_TEMPLATE =
  "rate the answer from 0 to 5 , one point each for : right kind , right length , partly right , nearly right , exact . task : {prompt} answer : {response}";

/** Direct judge answer. */
export const JUDGE_ANSWER_TEMPLATE = "score : {score}";

/** Judge answer that first says what it would have answered (chain of thought). */
export const REASONED_JUDGE_ANSWER_TEMPLATE =
  "i expect : {expected} score : {score}";

/** Request for one new prompt; `{tasks}` are example prompts joined by ";". */
export const TASK_WRITING_TEMPLATE = "write one new task like these : {tasks}";
