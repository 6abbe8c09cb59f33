/**
 * @file What is asked of vLLM's `/v1/completions`, in token ids, and what it answers.
 *
 * Prompts go out as the ids that our tokenizer makes of them with the checkpoint's own
 * template, and answers come back as ids: both engines ask and read the same.
 */
import { z } from "zod";
import { hashOf } from "../foundation/hash.js";
import type { GenerationRequest } from "../generation/language-model.js";

/** Fields of a request besides the model's name. */
export type CompletionBody = Readonly<Record<string, unknown>> & {
  readonly prompt: readonly number[];
  readonly max_tokens: number;
  readonly n?: number;
};

const tokenScore = z.object({ logprob: z.number() });

const answer = z.object({
  choices: z
    .array(
      z.object({
        index: z.number().int(),
        finish_reason: z.string().nullable(),
        token_ids: z.array(z.number().int()),
        logprobs: z
          .object({
            token_logprobs: z.array(z.number().nullable()),
            top_logprobs: z
              .array(z.record(z.string(), z.number()).nullable())
              .nullish(),
          })
          .nullish(),
        prompt_logprobs: z
          .array(z.record(z.string(), tokenScore).nullable())
          .nullish(),
      }),
    )
    .min(1),
});

export type CompletionAnswer = z.infer<typeof answer>;
export type CompletionChoice = CompletionAnswer["choices"][number];

/** Undefined for what is no answer. */
export function readAnswer(text: string): CompletionAnswer | undefined {
  try {
    return answer.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * @param maxTokens as far as the context goes
 * @param eosTokenIds every token that ends an answer
 */
export function generationBody(
  request: GenerationRequest,
  made: {
    readonly prompt: readonly number[];
    readonly maxTokens: number;
    readonly eosTokenIds: readonly number[];
  },
): CompletionBody {
  const { temperature, topP, topK, stop, seed } = request;
  const greedy = temperature === 0;
  return {
    prompt: made.prompt,
    max_tokens: made.maxTokens,
    temperature,
    // Greedy answers are all the same, and vLLM gives no more than one of them.
    n: greedy ? 1 : request.n,
    ...(greedy ? {} : { top_p: topP, top_k: topK, seed: serverSeed(seed) }),
    presence_penalty: request.presencePenalty ?? 0,
    frequency_penalty: request.frequencyPenalty ?? 0,
    stop,
    stop_token_ids: made.eosTokenIds,
    logprobs: 0,
    return_token_ids: true,
  };
}

/**
 * vLLM draws sample i with the seed s + i; of the seeds 3 and 4 one sample would be the
 * same, so the seed that is sent is a hash.
 */
function serverSeed(seed: number): number {
  return Number.parseInt(hashOf(["vllm", seed]).slice(0, 12), 16);
}

/**
 * Asks for the log-probability of every token of `ids` but the first. The last of them is
 * asked for as what may follow the others: so a row may fill the whole context.
 */
export function scoringBody(ids: readonly number[]): CompletionBody {
  return {
    ...optionsBody(ids.slice(0, -1), ids.slice(-1)),
    prompt_logprobs: 0,
  };
}

/** Asks for the log-probabilities of `options` as the token after `ids`. */
export function optionsBody(
  ids: readonly number[],
  options: readonly number[],
): CompletionBody {
  return {
    prompt: ids,
    max_tokens: 1,
    temperature: 0,
    logprobs: 1,
    logprob_token_ids: options,
    return_tokens_as_token_ids: true,
    return_token_ids: true,
  };
}

/** Σ log p of the tokens from `start` on; undefined where one is not told. */
export function logprobFrom(
  choice: CompletionChoice,
  ids: readonly number[],
  start: number,
): number | undefined {
  let sum = optionLogprobsOf(choice, ids.slice(-1))?.[0];
  for (let place = start; place < ids.length - 1; place++) {
    const told = choice.prompt_logprobs?.[place]?.[String(ids[place])]?.logprob;
    if (told === undefined || sum === undefined) return undefined;
    sum += told;
  }
  return sum;
}

/** Log p of each option; undefined where one is not told. */
export function optionLogprobsOf(
  { logprobs }: CompletionChoice,
  options: readonly number[],
): readonly number[] | undefined {
  const told = logprobs?.top_logprobs?.[0];
  const found = options.map((id) => told?.[`token_id:${id}`]);
  return found.every((each) => each !== undefined) ? found : undefined;
}
