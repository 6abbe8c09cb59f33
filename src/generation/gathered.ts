/**
 * @file One request at a time for those who ask, whole batches for the model.
 */
import { defined } from "../foundation/defined.js";
import type {
  Completion,
  GenerationRequest,
  LanguageModel,
} from "./language-model.js";
import { wrapped } from "./wrapped.js";

interface Waiting {
  readonly request: GenerationRequest;
  readonly resolve: (completions: readonly Completion[]) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * `model`, which is given all requests made in one turn of the event loop under one
 * signal as one batch; who asked has the answer as soon as it is there. Progress is not told.
 */
export function gathered(model: LanguageModel): LanguageModel {
  const batches = new Map<AbortSignal | undefined, Waiting[]>();
  const send = async (signal: AbortSignal | undefined): Promise<void> => {
    const batch = batches.get(signal) ?? [];
    batches.delete(signal);
    try {
      const answers = await model.generate(
        batch.map(({ request }) => request),
        {
          ...defined({ signal }),
          onAnswer: (place, answer) => batch[place]?.resolve(answer),
        },
      );
      for (const [place, { resolve }] of batch.entries())
        resolve(answers[place] ?? []);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  const one = (
    request: GenerationRequest,
    signal: AbortSignal | undefined,
  ): Promise<readonly Completion[]> =>
    new Promise((resolve, reject) => {
      const batch = batches.get(signal);
      if (batch !== undefined) {
        batch.push({ request, resolve, reject });
        return;
      }
      batches.set(signal, [{ request, resolve, reject }]);
      setImmediate(() => void send(signal));
    });
  return wrapped(model, {
    generate: (requests, { signal } = {}) =>
      Promise.all(requests.map((request) => one(request, signal))),
  });
}
