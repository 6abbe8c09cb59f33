/**
 * @file docs/results/novelty.md out of the numbers.
 */
import { growthExponent, median } from "./measure.js";
import type { PartName, Results } from "./results.js";

const INTRODUCTION = `# The novelty filter, measured

Every candidate is compared, by ROUGE-L, with everything kept before it; above
0.7 it is rejected. The index (\`src/novelty\`) gives the decisions and the nearest
neighbours of comparing every pair, without comparing every pair.

This page is written by \`bench/novelty/run.ts\` from \`novelty.json\`. Seconds are
processor seconds of the whole process (all threads, garbage collection and
just-in-time compilation included), tokenizing included, everything on one core.
The machine was busy with other work, so wall-clock times say little; they are in
the JSON.
`;

export function renderResults(results: Partial<Results>): string {
  return [
    INTRODUCTION,
    results.filter && renderFilter(results.filter),
    results["brute-force"] && renderBruteForce(results["brute-force"]),
    results.peers && renderPeers(results.peers),
    results.million && renderMillion(results.million),
    results.origins && renderOrigins(results.origins),
  ]
    .filter((section) => section !== undefined)
    .join("\n");
}

function renderFilter(sets: Results["filter"]): string {
  const rows = sets.map(({ name, set, runs, nearest }) => {
    const seconds = median(runs.map((run) => run.cpuSeconds));
    const run = runs[0] as (typeof runs)[number];
    const rejected = (100 * run.rejected) / set.instructions;
    return `| ${name} | ${number(set.instructions)} | ${rejected.toFixed(1)} % | ${number(run.pairs)} | **${seconds.toFixed(2)} s** | ${nearest.cpuSeconds.toFixed(1)} s |`;
  });
  return `## 52,000 instructions

| set | candidates | rejected | pairs to decide | filter, median of ${sets[0]?.runs.length ?? 0} | with the nearest of kept ones |
| --- | ---: | ---: | ---: | ---: | ---: |
${rows.join("\n")}

The goal was 5 s.

### What the set looks like

\`bench/novelty/instruction-set.ts\` says how it is made. Beside it, real
instructions as we measured them: the 175 seed tasks and the 252 user-oriented
tasks of the Self-Instruct release, and 1,923 role-play and 4,535 programming
instructions that GPT-4 wrote for GPTeacher.

${sets.map((set) => renderSet(set)).join("\n")}`;
}

/** Measured with the "rouge" tokenizer on the public files. */
const REAL_SETS = [
  ["seed tasks", 13.0, "5, 8, 11, 15, 27, 45", "9.2, 5.5, 1.9, 1.3, 0.18"],
  ["user tasks", 17.8, "7, 11, 15, 21, 40, 68", "9.1, 4.7, 2.6, 1.3, 0.16"],
  ["role play", 26.5, "18, 22, 26, 30, 37, 43", "5.7, 5.5, 2.9, 1.5, 0.11"],
  ["programming", 18.7, "11, 15, 18, 22, 29, 37", "9.0, 6.4, 3.2, 1.5, 0.16"],
] as const;

function renderSet({ name, set }: Results["filter"][number]): string {
  const share = (rank: number): string => {
    const found = set.shareOfRank.find(([r]) => r === rank)?.[1] ?? 0;
    return (100 * found).toPrecision(2);
  };
  const shares = [1, 2, 5, 10, 100].map(share).join(", ");
  const growth = set.vocabulary
    .map(([words, distinct]) => `${number(distinct)} after ${number(words)}`)
    .join(", ");
  const real = REAL_SETS.map(
    ([title, mean, lengths, ranks]) =>
      `| ${title} | ${mean.toFixed(1)} | ${lengths} | ${ranks} |`,
  );
  return `| ${name} | mean words | 5, 25, 50, 75, 95, 99 % of lengths | % of the text at rank 1, 2, 5, 10, 100 |
| --- | ---: | --- | --- |
| made | ${set.meanWords.toFixed(1)} | ${set.lengthPercentiles.join(", ")} | ${shares} |
${real.join("\n")}

Distinct words: ${growth}. (Role play: 416 after 1,000, 2,122 after 10,000.)
`;
}

function renderBruteForce(check: Results["brute-force"]): string {
  return `## Against brute force

All ${number(check.checked)} candidates of the first set, each compared with every kept one:
**${check.differentDecisions} decisions differ, ${check.differentNeighbours} nearest neighbours or scores differ** (kept candidates
included). It took ${check.cpuSeconds.toFixed(0)} s with our bit-parallel LCS and no index.
`;
}

function renderPeers(peers: Results["peers"]): string {
  const ours = peers.ours.cpuSeconds;
  const rows = peers.rows.map((row) => {
    const seconds = row.secondsPerPair * peers.pairs;
    return `| ${row.name} | ${number(row.candidates)} | ${(row.secondsPerPair * 1e6).toPrecision(3)} | ${number(Math.round(seconds))} s | ${number(Math.round(seconds / ours))} × | ${row.differentDecisions} |`;
  });
  return `## Against Python

The same set in the same run: ours whole, the others on sampled candidates against
the pool as it was when each came, multiplied up to all ${number(peers.pairs)} pairs.

| | candidates sampled | µs a pair | whole set | ratio | decisions that differ |
| --- | ---: | ---: | ---: | ---: | ---: |
| autodidact | all | | ${ours.toFixed(2)} s | 1 × | |
${rows.join("\n")}

rouge_score runs as the released Self-Instruct code runs it. RapidFuzz is given its
best case: tokens coded as characters, its C++ search loop, a cut-off of 0.7.
`;
}

function renderMillion(run: Results["million"]): string {
  const rows = run.points.map(
    (point) =>
      `| ${number(point.candidates)} | ${point.cpuSeconds.toFixed(1)} s | ${number(point.residentMiB)} MiB |`,
  );
  const exponent = growthExponent(
    run.points.map((point) => ({ x: point.candidates, y: point.cpuSeconds })),
  );
  const [before, last] = run.points.slice(-2);
  const lastStep =
    before && last
      ? growthExponent(
          [before, last].map((p) => ({ x: p.candidates, y: p.cpuSeconds })),
        )
      : NaN;
  return `## ${number(run.count)} instructions

The whole command, JSON Lines in and out, ${number(run.kept)} kept and ${number(run.rejected)} rejected:

| candidates | so far | memory |
| ---: | ---: | ---: |
${rows.join("\n")}

Largest resident memory: ${number(run.peakMiB)} MiB (limit: 1,536). Time grows as candidates^${exponent.toFixed(2)}
over the table and ^${lastStep.toFixed(2)} in its last step; comparing all pairs grows as ^2.
The goal was 15 minutes.
`;
}

function renderOrigins(origins: Results["origins"]): string {
  const rows = (Object.keys(origins) as PartName[]).map((name) => {
    const origin = origins[name];
    return `| ${name} | \`${origin?.command ?? ""}\` | ${origin?.commit ?? ""} | ${origin?.machine ?? ""} |`;
  });
  return `## Where the numbers come from

Seed 1 throughout.

| part | command | commit | machine |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
