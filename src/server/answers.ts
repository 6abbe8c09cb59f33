/**
 * @file The answers to one prompt: decoding, and where they are asked for the
 * probabilities of the prompt's own tokens.
 */
import { stopCheck } from "../generation/stop-texts.js";
import type { Ask, HostedModel } from "./hosted-model.js";
import { TokenShow } from "./shown-tokens.js";
import { Speech, type SpokenAnswer, type Piece } from "./speech.js";

export interface AnswerParts {
  readonly signal: AbortSignal;
  /** Told the pieces of each sample as they are written; null where nobody listens. */
  readonly onPiece: ((sample: number, piece: Piece) => void) | null;
}

/** @throws the signal's reason */
export async function answerAsk(
  model: HostedModel,
  ask: Ask,
  { signal, onPiece }: AnswerParts,
): Promise<SpokenAnswer[]> {
  const { tokenizer } = model.checkpoint;
  const { promptIds, n, seed, alternatives } = ask;
  const echo = await echoed(model, ask, signal);
  const speeches = Array.from({ length: n }, (_, sample) => {
    if (echo.text !== "") onPiece?.(sample, echo);
    return new Speech(
      tokenizer,
      ask,
      onPiece === null
        ? null
        : (piece) => {
            onPiece(sample, piece);
          },
    );
  });
  const samples =
    ask.maxTokens === 0
      ? speeches.map(() => NOTHING)
      : await model.decoder.decode(
          {
            ...ask,
            promptIds,
            n,
            seed,
            ended: stopCheck(tokenizer, ask.stop),
            alternatives: alternatives ?? 0,
            onToken: (sample, token) => speeches[sample]?.hear(token),
          },
          signal,
        );
  return Promise.all(
    speeches.map(async (speech, i) => {
      const answer = await speech.end(samples[i] ?? NOTHING);
      return {
        ...answer,
        text: echo.text + answer.text,
        tokens: [...echo.tokens, ...answer.tokens],
      };
    }),
  );
}

const NOTHING = { ids: [], logprobs: [], finishReason: "length" } as const;

/** The prompt as a piece of the answer. */
async function echoed(
  { checkpoint: { tokenizer }, scorer }: HostedModel,
  { promptIds, echo, alternatives }: Ask,
  signal: AbortSignal,
): Promise<Piece> {
  if (echo === null) return { text: "", tokens: [] };
  if (alternatives === null) return { text: echo, tokens: [] };
  const scored = await scorer.score(promptIds, signal);
  const show = new TokenShow(tokenizer, 0);
  const tokens = promptIds.map((id, i) => {
    const place = scored[i - 1];
    const likeliest = place?.alternatives.slice(0, alternatives) ?? [];
    return show.next(id, place?.logprob ?? null, likeliest);
  });
  return { text: echo, tokens };
}
