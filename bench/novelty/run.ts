/**
 * @file Measures the novelty filter and writes docs/results/novelty.md.
 *
 *   npx tsx bench/novelty/run.ts filter        the 52,000 set, five times, and a
 *                                              set of a small vocabulary
 *   npx tsx bench/novelty/run.ts brute-force   the 52,000 set against brute force
 *   npx tsx bench/novelty/run.ts peers PYTHON  rouge_score and RapidFuzz on a sample
 *   npx tsx bench/novelty/run.ts million [N]   N instructions through the whole
 *                                              command, file to file
 *   npx tsx bench/novelty/run.ts all PYTHON    everything, in one run
 *
 * Each part replaces its own numbers in docs/results/novelty.json; the page is
 * written from that file.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeJsonLines } from "../../src/foundation/json-lines.js";
import { filterNovelty } from "../../src/pipelines/stages/filter-file.js";
import { NoveltyIndex } from "../../src/novelty/novelty-index.js";
import { wordTokens } from "../../src/text/word-tokens.js";
import { bruteForceFilter } from "./brute-force.js";
import { describeSet } from "./describe-set.js";
import { instructionSet } from "./instruction-set.js";
import { commit, machine, stopwatch } from "./measure.js";
import { renderResults } from "./render-results.js";
import type { PartName, Results } from "./results.js";

const COUNT = 52_000;
const SEED = 1;
const THRESHOLD = 0.7;
const SMALL_VOCABULARY = 3000;
const REPETITIONS = 5;
const NUMBERS = "docs/results/novelty.json";
const PAGE = "docs/results/novelty.md";

/** Filters the texts once, tokenizing included. */
function filterOnce(texts: readonly string[]): {
  readonly index: NoveltyIndex;
  readonly accepted: boolean[];
  /** Pairs that brute force would compare. */
  readonly pairs: number;
} {
  const index = new NoveltyIndex({ threshold: THRESHOLD });
  let pairs = 0;
  const accepted = texts.map((text) => {
    pairs += index.size;
    return index.offer(wordTokens(text)).accepted;
  });
  return { index, accepted, pairs };
}

function measureFilter(): Results["filter"] {
  const sets = [
    { name: "as real instructions", vocabulary: undefined },
    {
      name: `a vocabulary of ${SMALL_VOCABULARY.toLocaleString("en-US")} words`,
      vocabulary: SMALL_VOCABULARY,
    },
  ];
  return sets.map(({ name, vocabulary }) => {
    const texts = [...instructionSet({ count: COUNT, seed: SEED, vocabulary })];
    const runs = Array.from({ length: REPETITIONS }, () => {
      const elapsed = stopwatch();
      const { accepted, pairs } = filterOnce(texts);
      const rejected = accepted.filter((kept) => !kept).length;
      return { ...elapsed(), rejected, pairs };
    });
    const elapsed = stopwatch();
    const withNearest = new NoveltyIndex({ threshold: THRESHOLD });
    for (const text of texts) {
      const tokens = wordTokens(text);
      if (withNearest.probe(tokens).accepted) {
        withNearest.nearest(tokens);
        withNearest.add(tokens);
      }
    }
    return { name, set: describeSet(texts), runs, nearest: elapsed() };
  });
}

function measureBruteForce(): Results["brute-force"] {
  const texts = [...instructionSet({ count: COUNT, seed: SEED })];
  const tokens = texts.map(wordTokens);
  const index = new NoveltyIndex({ threshold: THRESHOLD });
  const elapsed = stopwatch();
  let checked = 0;
  let differentDecisions = 0;
  let differentNeighbours = 0;
  for (const truth of bruteForceFilter(tokens, THRESHOLD)) {
    const text = tokens[checked++] as string[];
    const decision = index.probe(text);
    if (decision.accepted !== truth.accepted) differentDecisions++;
    const nearest = decision.accepted ? index.nearest(text) : decision.nearest;
    if (
      nearest?.id !== truth.nearest?.id ||
      nearest?.score !== truth.nearest?.score
    ) {
      differentNeighbours++;
    }
    if (truth.accepted) index.add(text);
    if (checked % 4000 === 0) console.error(`brute force: ${checked}`);
  }
  return { checked, differentDecisions, differentNeighbours, ...elapsed() };
}

function measurePeers(python: string): Results["peers"] {
  const texts = [...instructionSet({ count: COUNT, seed: SEED })];
  const elapsed = stopwatch();
  const { accepted, pairs } = filterOnce(texts);
  const ours = elapsed();
  const index = new NoveltyIndex({ threshold: THRESHOLD });
  const pool: string[] = [];
  const sample: unknown[] = [];
  texts.forEach((text, i) => {
    const decision = index.offer(wordTokens(text));
    // Every 260th: 200 candidates all along the growing pool.
    if (i % 260 === 130) {
      sample.push({
        text,
        poolSize: pool.length,
        accepted: accepted[i],
        score: decision.accepted ? 0 : decision.nearest.score,
      });
    }
    if (decision.accepted) pool.push(text);
  });
  // Spread the small samples over the whole run too.
  const spread = sample.map((_, i) => sample[(i * 77) % sample.length]);
  const folder = mkdtempSync(join(tmpdir(), "novelty-bench-"));
  try {
    const task = join(folder, "task.json");
    const sizes = { rougeSample: 12, pairsSample: 40 };
    writeFileSync(
      task,
      JSON.stringify({ pool, sample: spread, threshold: THRESHOLD, ...sizes }),
    );
    const answer = execFileSync(python, ["bench/novelty/peers.py", task], {
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    const { rows } = JSON.parse(answer) as Pick<Results["peers"], "rows">;
    return { pairs, ours, rows };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureMillion(count: number): Promise<Results["million"]> {
  const folder = mkdtempSync(join(tmpdir(), "novelty-bench-"));
  const candidates = join(folder, "candidates.jsonl");
  try {
    // In a process of its own, so that its memory is not counted here.
    execFileSync(
      process.execPath,
      [
        ...process.execArgv,
        import.meta.filename,
        "write",
        candidates,
        `${count}`,
      ],
      { stdio: "inherit" },
    );
    writeFileSync(join(folder, "pool.jsonl"), "");
    const elapsed = stopwatch();
    const points: Results["million"]["points"][number][] = [];
    let next = count / 32;
    const { kept, rejected } = await filterNovelty({
      pool: join(folder, "pool.jsonl"),
      candidates,
      out: join(folder, "kept.jsonl"),
      rejected: join(folder, "rejected.jsonl"),
      threshold: THRESHOLD,
      onProgress: ({ done }) => {
        if (done < next) return;
        const residentMiB = Math.round(process.memoryUsage.rss() / 2 ** 20);
        points.push({ candidates: done, ...elapsed(), residentMiB });
        console.error(`${done}: ${elapsed().cpuSeconds.toFixed(1)} s`);
        next *= 2;
      },
    });
    const peakMiB = Math.round(process.resourceUsage().maxRSS / 2 ** 10);
    return { count, kept, rejected, points, peakMiB };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function writeSet(path: string, count: number): Promise<void> {
  function* rows(): Generator<{ instruction: string }> {
    for (const instruction of instructionSet({ count, seed: SEED })) {
      yield { instruction };
    }
  }
  await writeJsonLines(path, rows());
}

function save<P extends PartName>(name: P, part: Results[P]): void {
  let results: Partial<Results> = {};
  try {
    results = JSON.parse(readFileSync(NUMBERS, "utf8")) as Partial<Results>;
  } catch {
    // The first part that is measured.
  }
  const origin = {
    commit: commit(),
    machine: machine(),
    command: `npx tsx bench/novelty/run.ts ${name}`,
  };
  const merged = {
    ...results,
    [name]: part,
    origins: { ...results.origins, [name]: origin },
  };
  writeFileSync(NUMBERS, `${JSON.stringify(merged, undefined, 2)}\n`);
  writeFileSync(PAGE, renderResults(merged));
  console.error(`${name}: written to ${PAGE}`);
}

const [part = "all", argument = ""] = process.argv.slice(2);
const wants = (name: PartName): boolean => part === name || part === "all";
if (part === "write") {
  await writeSet(argument, Number(process.argv[4]));
} else {
  if (wants("filter")) save("filter", measureFilter());
  if (wants("peers")) save("peers", measurePeers(argument || "python3"));
  if (wants("million")) {
    const count = part === "million" && argument ? Number(argument) : 1_000_000;
    save("million", await measureMillion(count));
  }
  if (wants("brute-force")) save("brute-force", measureBruteForce());
}
