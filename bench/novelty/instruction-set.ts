/**
 * @file Made-up instruction sets with the statistics of real ones.
 *
 * What is imitated, and from where:
 * - Length: log-normal, median 13 words, σ 0.62, cut to 4…150, which gives the
 *   mean of 15.9 words of Self-Instruct (arXiv 2212.10560, Table 1) and the
 *   quartiles of its seed tasks and user-oriented tasks.
 * - Word frequencies: p(rank) ∝ 1/(rank + 0.5) down to rank 2000, then a tail
 *   ∝ rank^-1.6 (two regimes, Ferrer i Cancho & Solé 2001). The first words get
 *   about 9 %, 5 % and 4 % of the text ("the", "a", "of" in the seed tasks).
 *   The tail makes the vocabulary grow like tokens^0.6 (Heaps) for ever.
 * - Word order: instructions open with one of a few frequent phrases ("write a",
 *   "what is the") and go on with phrases and single words, so that frequent
 *   sequences are far more frequent than chance, as in a language. Phrases have
 *   Zipf frequencies as well.
 * - Near-duplicates: a part of the instructions are earlier ones with some spans
 *   replaced, from one word to most of the text, so families of instructions of
 *   one template exist, large and small.
 *
 * The same seed gives the same set on every machine. Words are letters only, so
 * the "rouge" tokenizer gives them back one for one.
 */
import { randomStream } from "../../src/foundation/random.js";
import type { RandomStream } from "../../src/foundation/random.js";

const MEDIAN_LENGTH = 13;
const LENGTH_SIGMA = 0.62;
const SHORTEST = 4;
const LONGEST = 150;

const WORD_RANKS = 2 ** 20;
const TAIL_FROM = 2000;
const TAIL_EXPONENT = 1.6;

const OPENING_RANKS = 4000;
const OPENING_EXPONENT = 1.05;
const PHRASE_RANKS = 200_000;
const PHRASE_EXPONENT = 0.95;
/** Share of body chunks that are phrases; the others are single words. */
const PHRASE_SHARE = 0.45;
/** Share of instructions made from an earlier one. */
const FAMILY_SHARE = 0.35;

/** Draws ranks 0 … weights.length - 1 with the given weights. */
function rankSampler(
  ranks: number,
  weight: (rank: number) => number,
): (stream: RandomStream) => number {
  const cumulative = new Float64Array(ranks);
  let sum = 0;
  for (let rank = 0; rank < ranks; rank++) {
    sum += weight(rank + 1);
    cumulative[rank] = sum;
  }
  return (stream) => {
    const point = stream.next() * sum;
    let low = 0;
    let high = ranks - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulative[middle] as number) > point) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

function wordWeight(rank: number): number {
  const head = 1 / (Math.min(rank, TAIL_FROM) + 0.5);
  return rank <= TAIL_FROM ? head : head * (TAIL_FROM / rank) ** TAIL_EXPONENT;
}

/** Letters that stand for the word of a rank: a, b, …, z, ba, bb, … */
function spelling(rank: number): string {
  let word = "";
  do {
    word = String.fromCharCode(97 + (rank % 26)) + word;
    rank = Math.floor(rank / 26);
  } while (rank > 0);
  return word;
}

/** Yields `count` instructions. Equal seeds give equal sets; a longer set begins with the shorter one. */
export function* instructionSet(options: {
  readonly count: number;
  readonly seed: number;
  /** Words there are at most; a small number makes a hard set. */
  readonly vocabulary?: number | undefined;
}): Generator<string> {
  const { count, seed } = options;
  const stream = randomStream(seed, "instructions");
  const ranks = options.vocabulary ?? WORD_RANKS;
  const drawWord = rankSampler(ranks, wordWeight);
  const drawOpening = rankSampler(
    OPENING_RANKS,
    (rank) => rank ** -OPENING_EXPONENT,
  );
  const drawPhrase = rankSampler(
    PHRASE_RANKS,
    (rank) => (rank + 2) ** -PHRASE_EXPONENT,
  );
  const phrases = new Map<string, readonly number[]>();
  const phrase = (kind: string, rank: number): readonly number[] => {
    const key = `${kind} ${rank}`;
    let words = phrases.get(key);
    if (words === undefined) {
      const own = randomStream(seed, kind, rank);
      words = Array.from({ length: 2 + own.integer(3) }, () => drawWord(own));
      phrases.set(key, words);
    }
    return words;
  };
  const body = (length: number): number[] => {
    const words: number[] = [];
    while (words.length < length) {
      if (stream.next() < PHRASE_SHARE) {
        words.push(...phrase("phrase", drawPhrase(stream)));
      } else words.push(drawWord(stream));
    }
    return words.slice(0, length);
  };

  const earlier: number[][] = [];
  for (let i = 0; i < count; i++) {
    const length = drawLength(stream);
    let words: number[];
    if (i > 0 && stream.next() < FAMILY_SHARE) {
      words = relative(earlier[stream.integer(i)] as number[], stream, body);
    } else {
      const opening = phrase("opening", drawOpening(stream));
      words = [...opening, ...body(Math.max(1, length - opening.length))];
    }
    earlier.push(words);
    yield words.map(spelling).join(" ");
  }
}

function drawLength(stream: RandomStream): number {
  const length = Math.round(
    MEDIAN_LENGTH * Math.exp(LENGTH_SIGMA * stream.normal()),
  );
  return Math.min(LONGEST, Math.max(SHORTEST, length));
}

/** A member of the same family: one to three spans replaced, a tenth to most of the text. */
function relative(
  words: readonly number[],
  stream: RandomStream,
  body: (length: number) => number[],
): number[] {
  const result = [...words];
  const share = 0.1 + 0.75 * stream.next();
  const spans = 1 + stream.integer(3);
  for (let span = 0; span < spans; span++) {
    const cut = Math.max(1, Math.round((words.length * share) / spans));
    const at = stream.integer(Math.max(1, result.length - cut + 1));
    const insert = Math.max(0, cut - 1 + stream.integer(3));
    result.splice(at, cut, ...body(insert));
  }
  while (result.length < SHORTEST) result.push(...body(1));
  return result;
}
