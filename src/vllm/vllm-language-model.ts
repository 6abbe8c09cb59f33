/**
 * @file A checkpoint that vLLM serves, as a {@link LanguageModel}.
 *
 * What is asked are token ids that our own tokenizer makes with the checkpoint's own
 * template, and what comes back is read by it: the same question as the embedded engine's.
 * Answers differ from that engine's as far as sampling draws otherwise; greedy ones and
 * log-probabilities are the same up to rounding.
 */
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import { AutodidactError } from "../foundation/error.js";
import type {
  AskOptions,
  Completion,
  CompletionScore,
  GenerationRequest,
  LanguageModel,
  ModelContext,
  OptionsRequest,
  ScoreRequest,
} from "../generation/language-model.js";
import { firstStop } from "../generation/stop-texts.js";
import { encodeOptions } from "../models/encode-options.js";
import { encodePair, encodePrompt } from "../models/encode-rows.js";
import type { TokenSequence } from "../models/token-sequence.js";
import {
  generationBody,
  logprobFrom,
  optionLogprobsOf,
  optionsBody,
  scoringBody,
  type CompletionChoice,
} from "./completion-request.js";
import { askAll, type Answering } from "./ask-all.js";
import { TokenCount, type TellTokens } from "./token-count.js";

export interface VllmModelParts {
  readonly checkpoint: Checkpoint;
  readonly identity: string;
  /** Most tokens of a prompt with its answer. */
  readonly contextLength: number;
  readonly answering: Answering;
  readonly onTokens?: TellTokens | undefined;
}

type ModelParts = VllmModelParts & { readonly tokens: TokenCount };

export function vllmLanguageModel(made: VllmModelParts): LanguageModel {
  const parts = { ...made, tokens: new TokenCount(made.onTokens) };
  const { checkpoint, identity, contextLength, answering } = parts;
  const { tokenizer } = checkpoint;
  const context: ModelContext = {
    length: contextLength,
    promptTokens: async (prompt) =>
      (await encodePrompt(tokenizer, prompt)).length,
  };
  return {
    identity,
    context,
    lanes: answering.lanes,
    generate: (requests, options) => generate(parts, requests, options),
    score: (requests, options) => score(parts, requests, options),
    optionLogprobs: (requests, options) =>
      optionLogprobs(parts, requests, options),
  };
}

async function generate(
  parts: ModelParts,
  requests: readonly GenerationRequest[],
  options: AskOptions<readonly Completion[]> = {},
): Promise<(readonly Completion[])[]> {
  const { checkpoint } = parts;
  const { tokenizer, eosTokenIds } = checkpoint;
  const bodies = await Promise.all(
    requests.map(async (request) => {
      const prompt = await encodePrompt(tokenizer, request.prompt, request);
      const maxTokens = roomFor(request, prompt.length, parts);
      return generationBody(request, { prompt, maxTokens, eosTokenIds });
    }),
  );
  return askAll(parts, bodies, options, async ({ choices }, place) => {
    const request = requests[place] as GenerationRequest;
    const made = await Promise.all(
      [...choices]
        .sort((a, b) => a.index - b.index)
        .map((choice) => completionOf(checkpoint, request, choice)),
    );
    // Of greedy ones there is one for all.
    return Array.from(
      { length: request.n },
      (_, sample) => made[sample] ?? made[0],
    ).filter((each) => each !== undefined);
  });
}

/** @throws BAD_INPUT for a prompt that leaves no room for an answer */
function roomFor(
  { maxTokens }: GenerationRequest,
  promptTokens: number,
  { contextLength: limit }: VllmModelParts,
): number {
  const room = Math.min(maxTokens, limit - promptTokens);
  if (promptTokens > 0 && room > 0) return room;
  throw new AutodidactError(
    "BAD_INPUT",
    `A prompt has ${promptTokens} tokens, but the served model handles 1 to ${limit} with its answer: its context is too short for this. Raise engine.generate.maxModelLen as far as the model goes, use a model with a longer context, or a shorter prompt.`,
    { promptTokens, maxTokens, limit },
  );
}

async function completionOf(
  { tokenizer }: Pick<Checkpoint, "tokenizer">,
  { stop }: GenerationRequest,
  { token_ids: ids, logprobs, finish_reason: reason }: CompletionChoice,
): Promise<Completion> {
  const text = await tokenizer.decode(ids);
  const end = firstStop(text, stop);
  const told = logprobs?.token_logprobs.map((logprob) => logprob ?? Number.NaN);
  return {
    text: end < 0 ? text : text.slice(0, end),
    tokens: ids.length,
    ...(told === undefined ? {} : { logprobs: told }),
    finishReason: reason === "stop" || end >= 0 ? "stop" : "length",
  };
}

async function score(
  parts: ModelParts,
  requests: readonly ScoreRequest[],
  options: AskOptions<CompletionScore> = {},
): Promise<CompletionScore[]> {
  const { tokenizer } = parts.checkpoint;
  const sequences = await Promise.all(
    requests.map((request) => encodePair(tokenizer, request)),
  );
  requireRoom(sequences, parts.contextLength);
  // A row without a token to score has nothing to ask.
  const scores = sequences.map((): CompletionScore => NOTHING_SCORED);
  const asked = [...sequences.keys()].filter((place) => {
    const row = sequences[place] as TokenSequence;
    return row.ids.length > row.completionStart;
  });
  const { onAnswer, ...others } = options;
  await askAll(
    parts,
    asked.map((place) => scoringBody(sequences[place]?.ids ?? [])),
    others,
    ({ choices: [choice] }, at) => {
      const place = asked[at] as number;
      const { ids, completionStart } = sequences[place] as TokenSequence;
      const logprob =
        choice === undefined
          ? undefined
          : logprobFrom(choice, ids, completionStart);
      const tokens = ids.length - completionStart;
      scores[place] = { logprob: logprob ?? untold(), tokens };
      onAnswer?.(place, scores[place]);
    },
  );
  return scores;
}

const NOTHING_SCORED: CompletionScore = { logprob: 0, tokens: 0 };

async function optionLogprobs(
  parts: ModelParts,
  requests: readonly OptionsRequest[],
  options: AskOptions<readonly number[]> = {},
): Promise<(readonly number[])[]> {
  const sequences = await encodeOptions(parts.checkpoint.tokenizer, requests);
  requireRoom(sequences, parts.contextLength - 1);
  return askAll(
    parts,
    sequences.map(({ ids, options: weighed = [] }) =>
      optionsBody(ids, weighed),
    ),
    options,
    ({ choices: [choice] }, place) => {
      const weighed = sequences[place]?.options ?? [];
      const told =
        choice === undefined ? undefined : optionLogprobsOf(choice, weighed);
      return told ?? untold();
    },
  );
}

/** @throws BAD_INPUT for a row with more tokens than the served context has */
function requireRoom(
  rows: readonly { readonly ids: readonly number[] }[],
  limit: number,
): void {
  const long = rows.find(({ ids }) => ids.length > limit);
  if (long === undefined) return;
  throw new AutodidactError(
    "BAD_INPUT",
    `A row to be scored has ${long.ids.length} tokens, but the served model handles 1 to ${limit} in all: its context is too short for this. Raise engine.generate.maxModelLen as far as the model goes, or use a shorter prompt or judge's template.`,
    { tokens: long.ids.length, limit },
  );
}

/** @throws ENDPOINT: a number made of something else would be wrong unseen */
function untold(): never {
  throw new AutodidactError(
    "ENDPOINT",
    "vLLM answered without the log-probabilities that it was asked for. Use vLLM 0.32 or a later one, and leave --logprobs-mode and --max-logprobs out of engine.generate.args.",
    { failure: "no-logprobs" },
  );
}
