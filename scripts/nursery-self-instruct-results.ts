/**
 * @file Writes docs/results/nursery-self-instruct.md from the report of the recipe.
 *
 *   npx autodidact run recipes/nursery-self-instruct.yaml --run-dir runs/nursery-self-instruct
 *   npx tsx scripts/nursery-self-instruct-results.ts runs/nursery-self-instruct
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Interval } from "../src/evaluation/interval.js";
import { seedInterval } from "../src/evaluation/seed-interval.js";
import { AutodidactError } from "../src/foundation/error.js";
import { writeFileAtomic } from "../src/foundation/storage.js";
import { readReport } from "../src/reporting/report-file.js";
import type {
  DataTruth,
  TrainingReport,
  TrainingRun,
} from "../src/reporting/self-instruct/schema.js";

const folder = process.argv[2] ?? "runs/nursery-self-instruct";

/** The runs that are finished: each lies in a folder seed-N. */
async function finishedRuns(): Promise<TrainingReport[]> {
  return Promise.all(
    readdirSync(folder)
      .filter((name) => /^seed-\d+$/u.test(name))
      .sort()
      .map((name) => join(folder, name, "report.json"))
      .filter((path) => existsSync(path))
      .map((path) => readReport(path, "self-instruct")),
  );
}

const runs = await finishedRuns();
const [first] = runs;
if (first === undefined) {
  throw new AutodidactError(
    "BAD_INPUT",
    `${folder} holds no finished run. Run recipes/nursery-self-instruct.yaml with --run-dir ${folder} first.`,
  );
}
const { models, commit, versions, timings } = first;
const wanted = parse(
  readFileSync("recipes/nursery-self-instruct.yaml", "utf8"),
) as { readonly seeds: readonly number[] };
const missing = wanted.seeds.filter(
  (seed) => !runs.some((run) => run.seed === seed),
);
const ids = models.map(({ id }) => id);

const NOTES: Readonly<Record<string, string>> = {
  M0: "the base as it is",
  M1: "M0 + SFT on its own filtered data and the 175 seeds",
  "seeds-only": "M0 + SFT on the 175 seeds alone, as many steps",
  unfiltered:
    "M0 + SFT on the same tasks with every answer it gave, and the seeds, as many steps",
};

const percent = (share: number): string => (100 * share).toFixed(1);
const shown = (interval: Interval | null | undefined): string =>
  interval == null
    ? "–"
    : `${percent(interval.mean)} [${percent(interval.low)}, ${percent(interval.high)}]`;
const signed = (value: number): string =>
  `${value < 0 ? "−" : "+"}${percent(Math.abs(value))}`;
const difference = (interval: Interval | null): string =>
  interval === null
    ? "–"
    : `${signed(interval.mean)} [${signed(interval.low)}, ${signed(interval.high)}]`;

const modelOf = (run: TrainingRun, id: string) =>
  run.models.find((model) => model.id === id);
const valuesOf = (
  pick: (run: TrainingRun) => number | undefined,
): readonly number[] => runs.flatMap((run) => pick(run) ?? []);

function overSeeds(): string[] {
  return ids.map((id) => {
    const greedy = seedInterval(
      valuesOf((run) => modelOf(run, id)?.accuracy?.mean),
    );
    const sampled = seedInterval(
      valuesOf((run) => modelOf(run, id)?.sampled?.accuracy?.mean),
    );
    return `| ${id} | ${NOTES[id] ?? ""} | ${shown(greedy)} | ${shown(sampled)} |`;
  });
}

function gains(): string[] {
  return ids
    .filter((id) => id !== "M1")
    .map((id) => {
      const each = runs.flatMap((run) =>
        run.gains.filter(({ from }) => from === id),
      );
      const greedy = seedInterval(each.map(({ accuracy }) => accuracy.mean));
      const sampled = seedInterval(
        each.flatMap(({ sampledAccuracy }) => sampledAccuracy?.mean ?? []),
      );
      return `| M1 − ${id} | ${difference(greedy)} | ${difference(sampled)} |`;
    });
}

function bySeed(): string[] {
  return runs.flatMap((run) =>
    run.models.map(
      ({ id, rows, accuracy, sampled }) =>
        `| ${run.seed} | ${id} | ${rows} | ${shown(accuracy)} | ${shown(sampled?.accuracy)} |`,
    ),
  );
}

function pairedBySeed(): string[] {
  return runs.flatMap((run) =>
    run.gains.map(
      ({ from, to, accuracy, sampledAccuracy }) =>
        `| ${run.seed} | ${to} − ${from} | ${difference(accuracy)} | ${difference(sampledAccuracy)} |`,
    ),
  );
}

function waterfall(): string[] {
  return runs.flatMap((run) =>
    run.data.waterfall.map(
      ({ stage, requested, accepted, rejected }) =>
        `| ${run.seed} | ${stage} | ${requested} | ${accepted} | ${rejected.map(({ name, count }) => `${name} ${count}`).join(", ")} |`,
    ),
  );
}

function truths(): string[] {
  const row = (seed: number, name: string, truth: DataTruth | null): string =>
    truth === null
      ? `| ${seed} | ${name} | – | – | – | – | – |`
      : `| ${seed} | ${name} | ${truth.rows} | ${truth.right} | ${truth.wrong} | ${truth.unreadable} | ${shown(truth.rightShare)} |`;
  return runs.flatMap(({ seed, data }) => [
    row(seed, "kept by the filters", data.own),
    row(seed, "with what the instance rules refused", data.unfiltered),
  ]);
}

/** What the numbers say, from the intervals alone. */
function verdict(): string[] {
  const of = (id: string): Interval | null =>
    seedInterval(
      runs.flatMap((run) =>
        run.gains
          .filter(({ from }) => from === id)
          .map(({ accuracy }) => accuracy.mean),
      ),
    );
  const words = (interval: Interval | null): string =>
    interval === null
      ? "one seed alone has no interval over seeds; its interval over prompts is below"
      : interval.low > 0
        ? "better"
        : interval.high < 0
          ? "worse"
          : "not distinguishable";
  return ids
    .filter((id) => id !== "M1")
    .map(
      (id) =>
        `- M1 against ${id}: ${words(of(id))}${of(id) === null ? "" : ` (${difference(of(id))} points over ${runs.length} seeds)`}.`,
    );
}

const page = `# Self-Instruct in the nursery: seeds → own data → fine-tuning → true accuracy

Written by [scripts/nursery-self-instruct-results.ts](../../scripts/nursery-self-instruct-results.ts)
from the run's report.json; do not edit.

\`\`\`sh
autodidact run recipes/nursery-self-instruct.yaml --run-dir runs/nursery-self-instruct
npx tsx scripts/nursery-self-instruct-results.ts runs/nursery-self-instruct
\`\`\`

Seeds ${runs.map(({ seed }) => seed).join(", ")}; commit ${commit ?? "unknown"}; ${timings?.machine ?? "machine unknown"}; Node ${versions["node"] ?? "?"},
onnxruntime-node ${versions["onnxruntime"] ?? "?"}.

Held-out: the 600 prompts of the nursery runs, which no training row equals; greedy, and two samples each at
temperature 0.7. All models are fine-tuned from M0 for the same ${models[1]?.steps ?? 0} optimizer steps of the same batch size.

${missing.length === 0 ? "" : `**Not finished: ${missing.length === 1 ? "seed" : "seeds"} ${missing.join(", ")} of the recipe.** The same command goes on where it was.\n\n`}## Over seeds

Means with Student's t intervals (95 %) over seeds. They cover the drawing of lessons, what the model wrote, and
the order of rows; the 175 seed tasks, the held-out prompts and M0 are the same for all seeds.

| model | what it is | right, greedy, % | right, sampled, % |
| --- | --- | --- | --- |
${overSeeds().join("\n")}

| difference | greedy, points | sampled, points |
| --- | --- | --- |
${gains().join("\n")}

${verdict().join("\n")}

## By seed

Intervals by bootstrap over held-out prompts (95 %).

| seed | model | rows | right, greedy, % | right, sampled, % |
| --- | --- | --- | --- | --- |
${bySeed().join("\n")}

Paired by prompt:

| seed | difference | greedy, points | sampled, points |
| --- | --- | --- | --- |
${pairedBySeed().join("\n")}

## The data

What the verifier says of the rows. It measured this afterwards; nothing was filtered by it. "No task" are
instructions that it cannot read: some are nonsense, some are sensible tasks in words that the nursery has no
phrasing for ("write the last letter of milk").

| seed | rows | count | right | wrong | no task | right of the readable, % |
| --- | --- | --- | --- | --- | --- | --- |
${truths().join("\n")}

Of the accepted instructions the model called these classification tasks: ${runs.map(({ seed, data }) => `${data.classification} of ${data.instructions} (seed ${seed})`).join(", ")}.
In this world the answer decides nothing else.

Where candidates were lost:

| seed | stage | pieces | accepted | rejected |
| --- | --- | --- | --- | --- |
${waterfall().join("\n")}

## What this shows, and what it does not

M0 has never seen an instruction: asked as the others are, it answers nothing right. What it knows of the world
it knows from statements. Fine-tuning on data that it wrote itself, from 175 seed tasks and without another label,
makes it answer. That is the claim of the paper at the smallest scale at which it can be checked, and the
comparison that it makes: before against after.

The control says how much of that the seeds alone do. The rows that M1 adds were written by copies of M0 that had
seen those same seeds, so the most they can bring is agreement: the filter "same input, different outputs", asked
of three independent answers, keeps rows that are right far more often than what the model wrote. The table
above shows that share, and whether it carries over into a better model.

The settings were found with prompts of the training side, but for two that were changed after a first whole run of
seed 1 had been measured on the held-out prompts; its numbers and all others are in
the [decision record](../decisions/2026-11-21-nursery-self-instruct.md).
`;
await writeFileAtomic("docs/results/nursery-self-instruct.md", page);
