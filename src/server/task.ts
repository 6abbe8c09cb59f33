/**
 * @file A request that was read: its prompts, and the words in which they are answered, as
 * one document or as a stream of events.
 */
import { answerAsk } from "./answers.js";
import type { Ask, HostedModel } from "./hosted-model.js";
import type { SpokenAnswer, Piece } from "./speech.js";

type Json = Readonly<Record<string, unknown>>;

/** How an endpoint says things; everything gets the index of the choice. */
export interface Voice {
  readonly idPrefix: string;
  readonly object: string;
  readonly chunkObject: string;
  choice(index: number, answer: SpokenAnswer): Json;
  /** What comes before the first piece, where something does. */
  opening(index: number): Json | null;
  piece(index: number, piece: Piece): Json;
  ending(index: number, answer: SpokenAnswer): Json;
}

export interface Task {
  /** One for each prompt. */
  readonly asks: readonly Ask[];
  readonly voice: Voice;
  readonly streams: boolean;
  /** Whether a stream ends with the numbers of tokens. */
  readonly tellsUsage: boolean;
}

/** The whole answer as one document. @throws the signal's reason */
export async function answerWhole(
  model: HostedModel,
  { asks, voice }: Task,
  signal: AbortSignal,
): Promise<Json> {
  const rows = await Promise.all(
    asks.map((ask) => answerAsk(model, ask, { signal, onPiece: null })),
  );
  const answers = rows.flat();
  return {
    ...headOf(model, voice, voice.object),
    choices: answers.map((answer, index) => voice.choice(index, answer)),
    usage: usageOf(asks, answers),
  };
}

/** The answer as events, each of which is given to `send`. @throws the signal's reason */
export async function answerStreaming(
  model: HostedModel,
  { asks, voice, tellsUsage }: Task,
  parts: {
    readonly signal: AbortSignal;
    readonly send: (event: Json) => void;
  },
): Promise<void> {
  const head = headOf(model, voice, voice.chunkObject);
  const say = (choice: Json): void => {
    parts.send({
      ...head,
      choices: [choice],
      ...(tellsUsage ? { usage: null } : {}),
    });
  };
  const rows = await Promise.all(
    asks.map(async (ask, prompt) => {
      const indexOf = (sample: number): number => prompt * ask.n + sample;
      for (let sample = 0; sample < ask.n; sample++) {
        const opening = voice.opening(indexOf(sample));
        if (opening !== null) say(opening);
      }
      const answers = await answerAsk(model, ask, {
        signal: parts.signal,
        onPiece: (sample, piece) => {
          say(voice.piece(indexOf(sample), piece));
        },
      });
      for (const [sample, answer] of answers.entries())
        say(voice.ending(indexOf(sample), answer));
      return answers;
    }),
  );
  if (tellsUsage)
    parts.send({ ...head, choices: [], usage: usageOf(asks, rows.flat()) });
}

function headOf(model: HostedModel, voice: Voice, object: string): Json {
  return {
    id: `${voice.idPrefix}-${crypto.randomUUID().replaceAll("-", "")}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model: model.name,
  };
}

/** Each prompt is read once for all its answers. */
function usageOf(asks: readonly Ask[], answers: readonly SpokenAnswer[]): Json {
  const prompt = asks.reduce((sum, { promptIds }) => sum + promptIds.length, 0);
  const completion = answers.reduce(
    (sum, { completionTokens }) => sum + completionTokens,
    0,
  );
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
  };
}
