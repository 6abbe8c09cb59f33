/**
 * @file A {@link LanguageModel} for tests: it answers what it is told to answer and
 * remembers what it was asked.
 *
 * Nothing is computed and nothing is random. What the script does not cover is an
 * error, never an empty answer, so a test that asks more than it meant to fails.
 */
import { messageText, type Prompt } from "../data/records.js";
import { AutodidactError } from "../foundation/error.js";
import type {
  Completion,
  CompletionScore,
  GenerateOptions,
  GenerationRequest,
  LanguageModel,
  OptionsRequest,
  ScoreRequest,
} from "./language-model.js";

/** A text stands for an answer that ended by itself, one token a word and one for the end. */
export type ScriptedAnswer = string | Completion;

export interface Script {
  /** "scripted" when absent. */
  readonly identity?: string;
  /**
   * In the order asked for (all samples of a request, then the next request), or by
   * request and sample number. Only the function keeps the contract's promise that
   * an answer does not depend on the other requests.
   */
  readonly answers?:
    | readonly ScriptedAnswer[]
    | ((request: GenerationRequest, sample: number) => ScriptedAnswer);
  readonly score?: (request: ScoreRequest) => CompletionScore;
  /** One log-probability an option. Without it the model has no `optionLogprobs`. */
  readonly optionLogprobs?: (request: OptionsRequest) => readonly number[];
}

/** One call of the model, with everything it was asked. */
export type ScriptedCall =
  | {
      readonly method: "generate";
      readonly requests: readonly GenerationRequest[];
    }
  | { readonly method: "score"; readonly requests: readonly ScoreRequest[] }
  | {
      readonly method: "optionLogprobs";
      readonly requests: readonly OptionsRequest[];
    };

export interface ScriptedLanguageModel extends LanguageModel {
  /** Every call so far, in order. */
  readonly calls: readonly ScriptedCall[];
}

/** A model that plays `script`. Its methods throw USAGE where the script says nothing. */
export function scriptedLanguageModel(script: Script): ScriptedLanguageModel {
  const { identity = "scripted", score, optionLogprobs } = script;
  const calls: ScriptedCall[] = [];
  const nextAnswer = answersOf(script.answers ?? []);
  return {
    identity,
    calls,
    generate: (requests, options) => {
      calls.push({ method: "generate", requests });
      return playAll(requests, options, (request) =>
        Array.from({ length: request.n }, (_, sample) =>
          completionOf(nextAnswer(request, sample)),
        ),
      );
    },
    score: (requests, options) => {
      calls.push({ method: "score", requests });
      return playAll(requests, options, score ?? unscripted("score"));
    },
    ...(optionLogprobs !== undefined && {
      optionLogprobs: (
        requests: readonly OptionsRequest[],
        options?: GenerateOptions,
      ) => {
        calls.push({ method: "optionLogprobs", requests });
        return playAll(requests, options, optionLogprobs);
      },
    }),
  };
}

function answersOf(
  answers: NonNullable<Script["answers"]>,
): (request: GenerationRequest, sample: number) => ScriptedAnswer {
  if (typeof answers === "function") return answers;
  let given = 0;
  return () => {
    const answer = answers[given];
    if (answer === undefined) {
      throw new AutodidactError(
        "USAGE",
        `The script holds ${answers.length} answers, and one more was asked for. Add answers, or ask for fewer samples.`,
        { answers: answers.length },
      );
    }
    given++;
    return answer;
  };
}

function completionOf(answer: ScriptedAnswer): Completion {
  if (typeof answer !== "string") return answer;
  return { text: answer, tokens: wordsIn(answer) + 1, finishReason: "stop" };
}

function promptOf({ prompt }: { readonly prompt: Prompt }): string {
  return typeof prompt === "string"
    ? prompt
    : prompt.map(messageText).join("\n");
}

function wordsIn(text: string): number {
  return text.split(/\s+/u).filter((word) => word !== "").length;
}

function unscripted(method: string): () => never {
  return () => {
    throw new AutodidactError(
      "USAGE",
      `The script has no \`${method}\`, but the model was asked for it. Give the script one.`,
      { method },
    );
  };
}

/** Plays requests one by one; what goes wrong rejects the promise, as in a real model. */
function playAll<Request extends { readonly prompt: Prompt }, Answer>(
  requests: readonly Request[],
  options: GenerateOptions | undefined,
  play: (request: Request) => Answer,
): Promise<Answer[]> {
  return Promise.resolve().then(() =>
    requests.map((request, i) => {
      options?.signal?.throwIfAborted();
      const answer = play(request);
      options?.onUsage?.({
        requests: 1,
        tokensIn: wordsIn(promptOf(request)),
        tokensOut: Array.isArray(answer)
          ? (answer as Completion[]).reduce(
              (sum, { tokens }) => sum + tokens,
              0,
            )
          : 0,
        cost: 0,
      });
      options?.onProgress?.(i + 1);
      return answer;
    }),
  );
}
