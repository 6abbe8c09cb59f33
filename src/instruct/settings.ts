/**
 * @file How Self-Instruct samples, as the paper set it for GPT-3 `davinci`
 * (table 4 of arXiv 2212.10560, and the released scripts).
 */
import type { SamplingParameters } from "../generation/language-model.js";

export type Sampling = Omit<SamplingParameters, "stop">;

export interface InstructSampling {
  readonly instructions: Sampling;
  readonly classification: Sampling;
  readonly instances: Sampling;
}

/** Table 4 of the paper. */
export const PAPER_SAMPLING: InstructSampling = {
  instructions: {
    temperature: 0.7,
    topP: 0.5,
    topK: 0,
    presencePenalty: 2,
    maxTokens: 1024,
  },
  // The paper's top-p of 0 at temperature 0 is greedy, as 1 is.
  classification: { temperature: 0, topP: 1, topK: 0, maxTokens: 3 },
  instances: {
    temperature: 0,
    topP: 1,
    topK: 0,
    presencePenalty: 1.5,
    maxTokens: 300,
  },
};

/** For chat models, which talk before they answer and end by themselves. */
export const CHAT_SAMPLING: InstructSampling = {
  instructions: { temperature: 0.7, topP: 0.5, topK: 0, maxTokens: 1024 },
  classification: { temperature: 0, topP: 1, topK: 0, maxTokens: 64 },
  instances: { temperature: 0, topP: 1, topK: 0, maxTokens: 1024 },
};

/** Section 2.2: six human-written and two machine-made instructions in each prompt. */
export const PAPER_EXAMPLES = { seed: 6, machine: 2 } as const;

/** New instructions per request: the released code shows 8 and stops at number 16. */
export const PAPER_NEW_INSTRUCTIONS = 7;

/** `max_instances` of the released `prepare_for_finetuning.py`. */
export const PAPER_MAX_INSTANCES = 5;

/** An instruction more similar than this to any other is refused (section 2.2; strictly greater in the released code). */
export const PAPER_NOVELTY_THRESHOLD = 0.7;
