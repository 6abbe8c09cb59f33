/**
 * @file Rankings as the files that everything else reads: to learn answers from, to learn
 * rankings from, to be judged for EFT, and, of prompts held out, to measure a judge on.
 */
import { closeSync, existsSync, mkdirSync, openSync, writeSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Ranking, ReadRanking } from "../../data/rankings/ranking.js";
import { readRankings } from "../../data/rankings/read-rankings.js";
import { AutodidactError } from "../../foundation/error.js";
import { rowText } from "../../foundation/json-lines.js";
import { randomStream } from "../../foundation/random.js";
import { storageError } from "../../foundation/storage.js";
import { TOP_SCORE } from "../../rewarding/judgement.js";

/** Names of the files, without their ending. */
const FILES = ["ift", "pairs", "answers", "judge-test"] as const;

export interface RankingCounts {
  /** Rows or trees, or groups of rows with one prompt. */
  read: number;
  /** Rankings to learn from, and held out. */
  rankings: number;
  heldOut: number;
  /** Rows by file. */
  readonly rows: Record<(typeof FILES)[number], number>;
  readonly leftOut: Record<string, number>;
}

/**
 * Writes `folder` whole or not at all.
 * @throws STORAGE when it is there or cannot be written; BAD_INPUT as reading does, or
 *   when nothing is left
 */
export async function writeRankings(
  path: string,
  options: {
    /** Of the messages that are taken, where the file says it. */
    readonly language: string;
    readonly folder: string;
    /** Share of the prompts that are held out, by a draw for each. */
    readonly testShare: number;
    readonly seed: number;
    readonly signal: AbortSignal;
  },
): Promise<RankingCounts> {
  const { signal } = options;
  const folder = resolve(options.folder);
  if (existsSync(folder))
    throw new AutodidactError(
      "STORAGE",
      `${options.folder} is there already. Give --out a new folder, or delete it.`,
      { path: folder },
    );
  const partial = join(dirname(folder), `.${process.pid}-rankings.partial`);
  const counts: RankingCounts = {
    read: 0,
    rankings: 0,
    heldOut: 0,
    rows: { ift: 0, pairs: 0, answers: 0, "judge-test": 0 },
    leftOut: {},
  };
  const open: number[] = [];
  try {
    mkdirSync(partial, { recursive: true });
    const files = FILES.map((name) => {
      const file = openSync(join(partial, `${name}.jsonl`), "w");
      open.push(file);
      return [name, file] as const;
    });
    for await (const read of readRankings(path, options.language)) {
      signal.throwIfAborted();
      const rows = rowsOf(read, counts, options);
      for (const [name, file] of files)
        for (const row of rows[name] ?? []) {
          writeSync(file, `${rowText(row)}\n`);
          counts.rows[name]++;
        }
    }
    if (counts.rankings + counts.heldOut === 0) throw nothingLeft(counts);
    await rename(partial, folder);
    return counts;
  } catch (cause) {
    if (cause instanceof AutodidactError || signal.aborted) throw cause;
    throw storageError(folder, cause);
  } finally {
    open.forEach(closeSync);
    await rm(partial, { recursive: true, force: true });
  }
}

type Rows = Partial<Record<(typeof FILES)[number], readonly object[]>>;

function rowsOf(
  { ranking, best, leftOut }: ReadRanking,
  counts: RankingCounts,
  { testShare, seed }: { readonly testShare: number; readonly seed: number },
): Rows {
  counts.read++;
  for (const [why, many] of Object.entries(leftOut))
    counts.leftOut[why] = (counts.leftOut[why] ?? 0) + many;
  const prompt = ranking?.prompt ?? best?.prompt ?? "";
  const held = randomStream(seed, "rankings", prompt).next() < testShare;
  if (ranking !== undefined) counts[held ? "heldOut" : "rankings"]++;
  if (held)
    return ranking === undefined ? {} : { "judge-test": [testRow(ranking)] };
  return {
    ift: best === undefined ? [] : [best],
    ...(ranking === undefined
      ? {}
      : { pairs: pairsOf(ranking), answers: answersOf(ranking) }),
  };
}

function pairsOf({ prompt, answers }: Ranking): object[] {
  return answers.flatMap((better) =>
    answers
      .filter(({ rank }) => rank > better.rank)
      .map((worse) => ({
        prompt,
        chosen: better.response,
        rejected: worse.response,
      })),
  );
}

function answersOf({ prompt, answers }: Ranking): object[] {
  return answers.map(({ response, rank }) => ({ prompt, response, rank }));
}

/** Ranks as scores, evenly from 5 for the best to 0 for the worst. */
function testRow({ prompt, answers }: Ranking): object {
  const ranks = [...new Set(answers.map(({ rank }) => rank))];
  const step = TOP_SCORE / (ranks.length - 1);
  return {
    prompt,
    responses: answers.map(({ response, rank }) => ({
      response,
      score: TOP_SCORE - step * ranks.indexOf(rank),
    })),
  };
}

function nothingLeft({ leftOut }: RankingCounts): AutodidactError {
  const why = Object.entries(leftOut)
    .map(([reason, many]) => `${reason} ${many}`)
    .join(", ");
  return new AutodidactError(
    "BAD_INPUT",
    `No ranking is left: ${why}. Check --language and the ranks of the file.`,
    { leftOut: Object.keys(leftOut) },
  );
}
