/**
 * @file The walk over a memory of answers: what is there is taken from it, the rest is
 * asked for together, and each answer is kept as soon as it is there.
 */
import type { AskOptions, CallUsage } from "../generation/language-model.js";
import { settledAll } from "./settled-all.js";

export interface AnswerMemory<Request, Answer> {
  /** What a request is known by. */
  keyOf(request: Request): string;
  find(key: string): Answer | undefined | Promise<Answer | undefined>;
  /** @param usage where the model told it of this answer */
  keep(
    asked: { readonly key: string; readonly request: Request },
    answer: Answer,
    usage: CallUsage | undefined,
  ): void | Promise<void>;
}

/**
 * Answers in the order of the requests. What was asked stays kept when the rest fails.
 * @throws what `ask` and the memory throw
 */
export async function askMissing<Request, Answer>(
  requests: readonly Request[],
  options: AskOptions<Answer>,
  memory: AnswerMemory<Request, Answer>,
  ask: (
    missing: readonly Request[],
    options: AskOptions<Answer>,
  ) => Promise<readonly Answer[]>,
): Promise<readonly Answer[]> {
  const { onProgress, onAnswer } = options;
  const keys = requests.map((request) => memory.keyOf(request));
  const answers: (Answer | undefined)[] = [];
  for (const key of keys) answers.push(await memory.find(key));
  const missing = [...requests.keys()].filter((i) => answers[i] === undefined);
  const found = requests.length - missing.length;
  if (found > 0) onProgress?.(found);
  if (missing.length > 0) {
    const keeping = new Map<number, Promise<void>>();
    const keep = async (
      place: number,
      ...made: [Answer, CallUsage | undefined]
    ): Promise<void> => {
      const request = requests[place] as Request;
      await memory.keep({ key: keys[place] as string, request }, ...made);
    };
    const take = (at: number, answer: Answer, usage?: CallUsage): void => {
      const place = missing[at];
      if (place === undefined || keeping.has(place)) return;
      answers[place] = answer;
      const kept = keep(place, answer, usage);
      // Its failure is thrown below, when all the others were kept.
      kept.catch(() => undefined);
      keeping.set(place, kept);
      onAnswer?.(place, answer, usage);
    };
    try {
      const made = await ask(
        missing.map((i) => requests[i] as Request),
        {
          ...options,
          ...(onProgress && {
            onProgress: (done) => {
              onProgress(found + done);
            },
          }),
          onAnswer: take,
        },
      );
      // Not every model tells its answers one by one.
      made.forEach((answer, at) => {
        take(at, answer);
      });
    } finally {
      await settledAll([...keeping.values()]);
    }
  }
  return answers as readonly Answer[];
}
