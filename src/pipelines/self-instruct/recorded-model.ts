/**
 * @file A model in this process with a memory: what it answered once is not
 * computed again.
 *
 * Served models keep their raw answers themselves; this does the same for the
 * embedded engine, so that a killed run goes on where it was and filters can be
 * tried anew. Only `generate` remembers.
 */
import { AutodidactError } from "../../foundation/error.js";
import { hashOf } from "../../foundation/hash.js";
import type {
  Completion,
  GenerateOptions,
  GenerationRequest,
  LanguageModel,
} from "../../generation/language-model.js";
import type { CallStore } from "../../answers/call-store.js";

export interface RecordedModelOptions {
  /** What determines the answers besides the request. */
  readonly identity: string;
  readonly store: CallStore;
  /** Computes what the store lacks; without it that is an error. */
  readonly model?: LanguageModel;
}

/** @throws BAD_INPUT from `generate` when there is no model and no answer */
export function recordedModel(options: RecordedModelOptions): LanguageModel {
  const { identity, model } = options;
  return {
    identity,
    ...(model?.context === undefined ? {} : { context: model.context }),
    generate: (requests, generateOptions) =>
      generate(options, requests, generateOptions),
    score: (requests, scoreOptions) =>
      model?.score(requests, scoreOptions) ??
      Promise.reject(notRecorded(identity)),
  };
}

async function generate(
  { identity, store, model }: RecordedModelOptions,
  requests: readonly GenerationRequest[],
  options?: GenerateOptions,
): Promise<readonly (readonly Completion[])[]> {
  const keys = requests.map((request) =>
    hashOf({ kind: "generate", version: 1, identity, request }),
  );
  const found = await Promise.all(keys.map(async (key) => store.get(key)));
  const missing = requests.flatMap((request, index) =>
    found[index] === undefined ? [{ request, index }] : [],
  );
  if (missing.length > 0 && model === undefined) throw notRecorded(identity);
  const made =
    missing.length === 0
      ? []
      : ((await model?.generate(
          missing.map(({ request }) => request),
          options,
        )) ?? []);
  const answers = new Map<number, readonly Completion[]>();
  for (const [place, { request, index }] of missing.entries()) {
    const completions = made[place] ?? [];
    answers.set(index, completions);
    await store.put(keys[index] as string, {
      request: {
        endpoint: identity,
        path: "generate",
        body: { ...request },
      },
      response: JSON.stringify(
        completions.map(({ text, tokens, finishReason }) => ({
          text,
          tokens,
          finishReason,
        })),
      ),
      usage: {
        promptTokens: 0,
        cachedPromptTokens: 0,
        completionTokens: completions.reduce(
          (sum, { tokens }) => sum + tokens,
          0,
        ),
        costMicros: 0,
      },
    });
  }
  return requests.map(
    (_, index) =>
      answers.get(index) ??
      (JSON.parse(found[index]?.response ?? "[]") as Completion[]),
  );
}

function notRecorded(identity: string): AutodidactError {
  return new AutodidactError(
    "BAD_INPUT",
    `The recorded run has no answer of ${identity} to this request. A replay only knows what the recorded run asked; run without --replay to ask anew.`,
    { identity },
  );
}
