/**
 * @file The contract between everything that asks a model and everything that
 * answers: the embedded engine, a served endpoint, a scripted double.
 *
 * An answer depends on its own request only, never on what else is in the batch.
 */
import type { Prompt, TemplateFields } from "../data/records.js";

export interface SamplingParameters {
  /** 0 is greedy. */
  readonly temperature: number;
  /** Nucleus mass in (0, 1]; 1 switches it off. */
  readonly topP: number;
  /** Keep the k likeliest tokens; 0 switches it off. */
  readonly topK: number;
  /** −2..2, taken off the logit of every token generated before; 0 when absent. */
  readonly presencePenalty?: number;
  /** −2..2, taken off once for each time a token was generated before; 0 when absent. */
  readonly frequencyPenalty?: number;
  /** Most tokens generated, end-of-sequence included. */
  readonly maxTokens: number;
  /** Generation ends before the first of these texts. */
  readonly stop: readonly string[];
}

export interface GenerationRequest extends SamplingParameters, TemplateFields {
  readonly prompt: Prompt;
  /** Samples to draw; sample i is drawn from the stream (seed, i). */
  readonly n: number;
  readonly seed: number;
}

export interface Completion {
  readonly text: string;
  /** Tokens generated, end-of-sequence included. */
  readonly tokens: number;
  /** Natural-log probability of each generated token, where the model tells. */
  readonly logprobs?: readonly number[];
  readonly finishReason: "stop" | "length";
}

export interface ScoreRequest extends TemplateFields {
  readonly prompt: Prompt;
  readonly completion: Prompt;
}

export interface CompletionScore {
  /** Sum over completion tokens, natural log. */
  readonly logprob: number;
  /** Completion tokens counted, end-of-sequence included where one is added. */
  readonly tokens: number;
}

export interface OptionsRequest extends TemplateFields {
  readonly prompt: Prompt;
  /** Text that the answer has already begun with; often empty. */
  readonly prefix: string;
  /** Answers of one token each, for instance the digits of a score. */
  readonly options: readonly string[];
}

/** What answers took; nothing where they were remembered. */
export interface CallUsage {
  readonly requests: number;
  /** Of the prompts. */
  readonly tokensIn: number;
  /** Generated. */
  readonly tokensOut: number;
  /** Millionths of a dollar. */
  readonly cost: number;
}

export interface GenerateOptions {
  readonly signal?: AbortSignal;
  /** Called as requests complete, with the number done so far. */
  readonly onProgress?: (done: number) => void;
  /** Called with what a part of the requests took, before the call ends. */
  readonly onUsage?: (usage: CallUsage) => void;
}

/** What a call for answers of type `T` may be given besides. */
export interface AskOptions<T> extends GenerateOptions {
  /**
   * Called with an answer as soon as it is there, by the place of its request: in any
   * order, also when the call fails afterwards. Models that have them all at once need not.
   * @param usage what it took, where the model counts; `onUsage` is told of it besides
   */
  readonly onAnswer?: (place: number, answer: T, usage?: CallUsage) => void;
}

/** How far a call has come, in tokens read and written. */
export interface CallProgress {
  readonly done: number;
  /** Of about so many: how long answers become is known at the end only; 0 while the model is being loaded. */
  readonly expected: number;
}

/** What a model tells of its limits. */
export interface ModelContext {
  /** Most tokens of prompt and answer together. */
  readonly length: number;
  /** Tokens of `prompt` as the model is asked it, with what its template is given. */
  promptTokens(prompt: Prompt, given?: TemplateFields): Promise<number>;
}

export interface LanguageModel {
  /** Everything that determines its answers besides the request: a weight hash, or an endpoint with model and revision. */
  readonly identity: string;
  /** Absent where the model does not tell. */
  readonly context?: ModelContext;
  /** Requests answered at once by what may be asked again meanwhile; absent where calls take turns. */
  readonly lanes?: number;
  /** Result [request][sample]. */
  generate(
    requests: readonly GenerationRequest[],
    options?: AskOptions<readonly Completion[]>,
  ): Promise<readonly (readonly Completion[])[]>;
  /** Log-probability of completions given prompts. */
  score(
    requests: readonly ScoreRequest[],
    options?: AskOptions<CompletionScore>,
  ): Promise<readonly CompletionScore[]>;
  /** Next-token natural-log probabilities of the options, [request][option]; absent where the model does not tell. */
  optionLogprobs?(
    requests: readonly OptionsRequest[],
    options?: AskOptions<readonly number[]>,
  ): Promise<readonly (readonly number[])[]>;
}

export interface ModelHost {
  /** Loads `checkpoint` (a folder) and gives a model to `use`; frees it afterwards, whatever happens. */
  withModel<T>(
    checkpoint: string,
    use: (model: LanguageModel) => Promise<T>,
  ): Promise<T>;
}
