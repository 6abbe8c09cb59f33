/**
 * @file The embedded engine as a {@link LanguageModel}: a checkpoint in this process.
 *
 * Generation runs over the cache, and so do questions with answers of one token; scoring
 * runs over packed batches. All give an answer that depends on its own request only. Owner of the compiled graphs: `release`.
 */
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import type { Device } from "../engine/runtime/device.js";
import { int8Levels } from "../engine/runtime/int8-range.js";
import { compile, type Executable } from "../engine/runtime/executable.js";
import { AutodidactError } from "../foundation/error.js";
import { encodeOptions } from "../models/encode-options.js";
import { encodePair, encodePrompt } from "../models/encode-rows.js";
import { frozenWeights, type FrozenWeights } from "../models/frozen-weights.js";
import { buildInferenceGraph } from "../models/inference-graph.js";
import { PackedScorer } from "../models/packed-scorer.js";
import { packSequences } from "../models/packing.js";
import { callTokens } from "../models/call-size.js";
import { refuseRewardHead } from "../models/reward-head.js";
import type { WeightFormat } from "../models/quantized-weights.js";
import type { TokenSequence } from "../models/token-sequence.js";
import { decode } from "./decoding.js";
import type {
  DecodedSample,
  DecodingModel,
  DecodingRequest,
} from "./decoding-batch.js";
import type {
  AskOptions,
  CallUsage,
  Completion,
  CompletionScore,
  GenerateOptions,
  GenerationRequest,
  LanguageModel,
  ModelContext,
  OptionsRequest,
  ScoreRequest,
  CallProgress,
} from "./language-model.js";
import { OpenDecoder } from "./open-decoder.js";
import { OpenScorer } from "./open-scorer.js";
import { Prefill, type Prefilled } from "./prefill.js";
import { logSumExp } from "./sampling.js";
import { firstStop, stopCheck } from "./stop-texts.js";

/** Tokens of a packed scoring batch, about. */
const SCORING_TOKENS = 4096;
/** Likeliest tokens that are told for each token of a text that is scored; as many as OpenAI's API has. */
const ALTERNATIVES = 20;
/** Questions between two looks at the signal. */
const OPTIONS_AT_ONCE = 128;

export interface OpenModel {
  readonly decoder: OpenDecoder;
  readonly scorer: OpenScorer;
}

export class EmbeddedLanguageModel implements LanguageModel {
  readonly identity: string;
  readonly context: ModelContext;
  readonly #checkpoint: Checkpoint;
  readonly #weights: FrozenWeights;
  readonly #scorer: PackedScorer;
  readonly #device: Device;
  readonly #onTokens: ((progress: CallProgress) => void) | undefined;
  #generator: Promise<Executable> | null = null;
  #openScorer: PackedScorer | null = null;

  private constructor(options: {
    readonly checkpoint: Checkpoint;
    readonly identity: string;
    readonly weights: FrozenWeights;
    readonly device: Device;
    readonly onTokens: ((progress: CallProgress) => void) | undefined;
  }) {
    const { checkpoint, identity, weights, device, onTokens } = options;
    this.identity = identity;
    this.context = {
      length: checkpoint.config.maxPositions,
      promptTokens: async (prompt, given) =>
        (await encodePrompt(checkpoint.tokenizer, prompt, given)).length,
    };
    this.#checkpoint = checkpoint;
    this.#weights = weights;
    this.#device = device;
    this.#onTokens = onTokens;
    this.#scorer = new PackedScorer(weights, device);
  }

  /**
   * Opens the model, its linear layers in 8 bits where that is asked for. Weights are
   * read when they are first needed.
   * @param onTokens told how far each call has come, about once a second
   * @throws BAD_CHECKPOINT
   */
  static async load(
    checkpoint: Checkpoint,
    device: Device,
    format: WeightFormat = "float32",
    onTokens?: (progress: CallProgress) => void,
  ): Promise<EmbeddedLanguageModel> {
    refuseRewardHead(checkpoint);
    const hash = await checkpoint.weightHash();
    const levels = format === "int8" ? await int8Levels(device) : null;
    return new EmbeddedLanguageModel({
      checkpoint,
      identity: format === "float32" ? hash : `${hash}:${format}`,
      weights: frozenWeights(checkpoint, { levels }),
      device,
      onTokens,
    });
  }

  async generate(
    requests: readonly GenerationRequest[],
    options: AskOptions<readonly Completion[]> = {},
  ): Promise<(readonly Completion[])[]> {
    if (requests.length === 0) return [];
    const asked = await Promise.all(
      requests.map((request) => this.#decodingRequest(request)),
    );
    const answers: Promise<readonly Completion[]>[] = [];
    const answer = async (
      place: number,
      samples: readonly DecodedSample[],
    ): Promise<readonly Completion[]> => {
      const completions = await Promise.all(
        samples.map((sample) =>
          this.#completion(requests[place] as GenerationRequest, sample),
        ),
      );
      const { promptIds = [] } = asked[place] ?? {};
      options.onAnswer?.(place, completions, usageOf([promptIds], samples));
      return completions;
    };
    try {
      const samples = await decode(await this.#decodingModel(), asked, {
        ...options,
        onTokens: this.#onTokens,
        onDecoded: (place, decoded) => {
          answers[place] = answer(place, decoded);
        },
      });
      options.onUsage?.(
        usageOf(
          asked.map(({ promptIds }) => promptIds),
          samples.flat(),
        ),
      );
    } finally {
      // What was decoded before a stop is told as well.
      await Promise.allSettled(answers);
    }
    return Promise.all(answers);
  }

  async score(
    requests: readonly ScoreRequest[],
    options: AskOptions<CompletionScore> = {},
  ): Promise<CompletionScore[]> {
    const { tokenizer } = this.#checkpoint;
    const sequences = await Promise.all(
      requests.map((request) => encodePair(tokenizer, request)),
    );
    this.#requireRoom(sequences);
    const scores = sequences.map(({ ids, completionStart }) => ({
      logprob: 0,
      tokens: ids.length - completionStart,
    }));
    await this.#scoreInBatches(sequences, options, {
      onTarget: (index, logprob) => {
        const score = scores[index];
        if (score !== undefined) score.logprob += logprob;
      },
      onScored: (index) => {
        options.onAnswer?.(
          index,
          scores[index] as CompletionScore,
          usageOf([sequences[index]?.ids ?? []]),
        );
      },
    });
    return scores;
  }

  async optionLogprobs(
    requests: readonly OptionsRequest[],
    options: AskOptions<readonly number[]> = {},
  ): Promise<number[][]> {
    const { tokenizer, config } = this.#checkpoint;
    const sequences = await encodeOptions(tokenizer, requests);
    this.#requireRoom(sequences);
    const executable = await this.#openGenerator();
    const prefill = new Prefill(
      { config, executable },
      sequences.map(({ ids }) => ids),
    );
    const results: number[][] = requests.map(() => []);
    const answer = (index: number, { logits }: Prefilled): void => {
      const total = logSumExp(logits);
      const weighed = (sequences[index]?.options ?? []).map(
        (token) => (logits[token] ?? Number.NaN) - total,
      );
      results[index] = weighed;
      options.onAnswer?.(
        index,
        weighed,
        usageOf([sequences[index]?.ids ?? []]),
      );
    };
    const onTokens = this.#counting(prefill.tokens);
    for (let start = 0; start < sequences.length; start += OPTIONS_AT_ONCE) {
      options.signal?.throwIfAborted();
      const indices = prefill.order.slice(start, start + OPTIONS_AT_ONCE);
      await prefill.compute(indices, answer, {
        signal: options.signal,
        onTokens,
      });
      options.onProgress?.(start + indices.length);
    }
    options.onUsage?.(usageOf(sequences.map(({ ids }) => ids)));
    return results;
  }

  /**
   * For requests that come one by one, in token ids; until `release`.
   * @param slots most sequences generated at once
   */
  async open(slots: number): Promise<OpenModel> {
    const { config } = this.#checkpoint;
    this.#openScorer ??= new PackedScorer(
      this.#weights,
      this.#device,
      Math.min(ALTERNATIVES, config.vocabSize),
    );
    return {
      decoder: new OpenDecoder(await this.#decodingModel(), slots),
      scorer: new OpenScorer(
        this.#openScorer,
        callTokens(config, SCORING_TOKENS),
      ),
    };
  }

  /** Frees the compiled graphs. */
  async release(): Promise<void> {
    await this.#scorer.release();
    await this.#openScorer?.release();
    const generator = await this.#generator;
    this.#generator = null;
    await generator?.release();
    await this.#weights.release();
  }

  async #decodingModel(): Promise<DecodingModel> {
    const { config, tokenizer, eosTokenIds } = this.#checkpoint;
    return {
      config,
      executable: await this.#openGenerator(),
      eosTokenIds: new Set(eosTokenIds),
      vocabulary: tokenizer.vocabSize,
    };
  }

  async #scoreInBatches(
    sequences: readonly TokenSequence[],
    options: GenerateOptions,
    tell: {
      readonly onTarget: (index: number, logprob: number) => void;
      /** All targets of a sequence were told. */
      readonly onScored: (index: number) => void;
    },
  ): Promise<void> {
    const order = sequences
      .map((_, index) => index)
      .sort(
        (a, b) =>
          (sequences[b]?.ids.length ?? 0) - (sequences[a]?.ids.length ?? 0) ||
          a - b,
      );
    const { config } = this.#checkpoint;
    const batchTokens = callTokens(config, SCORING_TOKENS);
    const count = ({ ids }: TokenSequence): number => ids.length;
    const told = this.#counting(sum(sequences.map(count)));
    for (let start = 0; start < order.length;) {
      options.signal?.throwIfAborted();
      const longest = sequences[order[start] ?? 0]?.ids.length ?? 1;
      const rows = Math.max(1, Math.floor(batchTokens / longest));
      const indices = order.slice(start, start + rows);
      const batched = indices.map((i) => sequences[i] as TokenSequence);
      const batch = packSequences(batched);
      const logprobs = await this.#scorer.logProbabilities(batch);
      for (let slot = 0; slot < batch.targetCount; slot++) {
        tell.onTarget(
          indices[batch.targetOwners[slot] ?? 0] ?? 0,
          logprobs[slot] ?? Number.NaN,
        );
      }
      indices.forEach(tell.onScored);
      start += indices.length;
      told(sum(batched.map(count)));
      options.onProgress?.(start);
    }
    options.onUsage?.(usageOf(sequences.map(({ ids }) => ids)));
  }

  /** Adds up tokens of a call that computes `expected` of them. */
  #counting(expected: number): (tokens: number) => void {
    let done = 0;
    return (tokens) => {
      done += tokens;
      this.#onTokens?.({ done, expected });
    };
  }

  /** @throws BAD_INPUT for a row with more tokens than the model has positions */
  #requireRoom(sequences: readonly TokenSequence[]): void {
    const limit = this.#checkpoint.config.maxPositions;
    const long = sequences.find(({ ids }) => ids.length > limit);
    if (long === undefined) return;
    throw new AutodidactError(
      "BAD_INPUT",
      `A row to be scored has ${long.ids.length} tokens, but this model handles 1 to ${limit} in all: its context is too short for this. Use a model with a longer context, a shorter prompt or judge's template, or a shorter answer.`,
      { tokens: long.ids.length, limit },
    );
  }

  #openGenerator(): Promise<Executable> {
    return (this.#generator ??= this.#compileGenerator());
  }

  async #compileGenerator(): Promise<Executable> {
    const { config, tokenizer } = this.#checkpoint;
    const graph = buildInferenceGraph(await this.#weights.open(), {
      capacity: config.maxPositions,
      vocabulary: tokenizer.vocabSize,
    });
    return compile(graph, this.#device);
  }

  async #decodingRequest(request: GenerationRequest): Promise<DecodingRequest> {
    const { tokenizer, config } = this.#checkpoint;
    const promptIds = await encodePrompt(tokenizer, request.prompt, request);
    if (
      promptIds.length === 0 ||
      promptIds.length + request.maxTokens > config.maxPositions
    ) {
      throw new AutodidactError(
        "BAD_INPUT",
        `A prompt has ${promptIds.length} tokens and ${request.maxTokens} more are asked for, but this model handles 1 to ${config.maxPositions} in all: its context is too short for this. Use a model with a longer context, a shorter prompt, or a shorter answer.`,
        {
          promptTokens: promptIds.length,
          maxTokens: request.maxTokens,
          limit: config.maxPositions,
        },
      );
    }
    const ended = stopCheck(tokenizer, request.stop);
    return { ...request, promptIds, ended };
  }

  async #completion(
    request: GenerationRequest,
    sample: DecodedSample,
  ): Promise<Completion> {
    const text = await this.#checkpoint.tokenizer.decode(sample.ids);
    const end = firstStop(text, request.stop);
    return {
      text: end < 0 ? text : text.slice(0, end),
      tokens: sample.ids.length,
      logprobs: sample.logprobs,
      finishReason: sample.finishReason,
    };
  }
}

/** What `prompts`, in token ids, and the samples drawn for them took. */
function usageOf(
  prompts: readonly { readonly length: number }[],
  samples: readonly DecodedSample[] = [],
): CallUsage {
  return {
    requests: prompts.length,
    tokensIn: sum(prompts.map(({ length }) => length)),
    tokensOut: sum(samples.map(({ ids }) => ids.length)),
    cost: 0,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}
