/**
 * @file A model that answers a request it refuses for good with nothing, so that one
 * answer that a content filter stops does not stop all the others.
 */
import type {
  AskOptions,
  Completion,
  GenerateOptions,
  LanguageModel,
} from "./language-model.js";
import { wrapped } from "./wrapped.js";
import { refusalOf } from "./request-refusal.js";

/**
 * `model`, asked request by request. One that it refuses for good gets empty answers, and
 * probability 0 for every option; what may pass, and what concerns every request, is
 * thrown when the others have ended.
 */
export function withoutRefusals(model: LanguageModel): LanguageModel {
  return wrapped(model, {
    generate: (requests, options) =>
      eachAlone(requests, options, {
        ask: (request, alone) => model.generate([request], alone),
        refused: ({ n }) =>
          Array.from({ length: n }, (): Completion => ({
            ...{ text: "", tokens: 0, finishReason: "stop" },
          })),
      }),
    optionLogprobs: (weigh) => (requests, options) =>
      eachAlone(requests, options, {
        ask: (request, alone) => weigh([request], alone),
        refused: (request) => request.options.map(() => -Infinity),
      }),
  });
}

async function eachAlone<Request, Answer>(
  requests: readonly Request[],
  options: AskOptions<Answer> = {},
  how: {
    readonly ask: (
      request: Request,
      options: GenerateOptions,
    ) => Promise<readonly Answer[]>;
    readonly refused: (request: Request) => Answer;
  },
): Promise<readonly Answer[]> {
  const { onProgress, onAnswer, ...alone } = options;
  let done = 0;
  const asked = requests.map(async (request, place): Promise<Answer> => {
    const [given] = await how
      .ask(request, alone)
      .catch((error: unknown): readonly Answer[] => {
        if (refusalOf(error) === "final") return [];
        throw error;
      });
    onProgress?.(++done);
    const answer = given ?? how.refused(request);
    onAnswer?.(place, answer);
    return answer;
  });
  await Promise.allSettled(asked);
  return Promise.all(asked);
}
