/**
 * @file `autodidact status`: how far a run is, also while it is going on.
 */
import { join, relative } from "node:path";
import { counted } from "../../text/number-words.js";
import {
  readRunStatus,
  type RunStatus,
} from "../../pipelines/run-status/run-status.js";
import { readRunSummary } from "../../pipelines/run-status/run-summary.js";
import {
  effortLines,
  stageEfforts,
} from "../../reporting/schema/stage-effort.js";
import { defineCommand } from "../command.js";

export const statusCommand = defineCommand({
  name: "status",
  summary: "Show how far a run is and what comes next",
  description:
    "Reads the run's ledger, also while the run is going on, and shows its stages with their counts, time and tokens, the models made so far and the stages still to come; of a run that has ended also what it showed, in one line. For the folder of a comparison it shows such a line for every run, in the order of the recipe, and the stages of those that are not done. Nothing is changed.",
  arguments: {
    run: {
      placeholder: "RUN",
      description: "Folder of a run",
      required: true,
    },
  },
  examples: {
    "autodidact status runs/nursery-seed-1":
      "Shows stages, counts, models and what comes next",
  },
  run: async ({ run }, io) => {
    const runs = await Promise.all(
      readRunStatus(run).map(async (status) => ({
        ...status,
        summary: await summaryOf(status),
      })),
    );
    const [only] = runs;
    if (runs.length === 1 && only !== undefined) {
      io.print(shown(only));
      io.printJson(only);
      return;
    }
    io.print(
      [overview(run, runs), ...unfinished(runs).map(shown)].join("\n\n"),
    );
    io.printJson({ runs });
  },
});

const COUNTS = [
  "requested",
  "accepted",
  "rejected",
  "failed",
  "pending",
] as const;
const COUNT_WIDTH = 10;

/** With what the run showed, null while it has not ended. */
type SummedUp = RunStatus & { readonly summary: string | null };

async function summaryOf(status: RunStatus): Promise<string | null> {
  return isUnfinished(status) ? null : readRunSummary(status.folder);
}

function isUnfinished({ stages, ahead, ended, givenUp }: RunStatus): boolean {
  if (givenUp > 0) return true;
  if (stages.length === 0 || stages.some(({ status }) => status === "open"))
    return true;
  return ended === null && ahead !== null && ahead.length > 0;
}

function unfinished(runs: readonly SummedUp[]): readonly SummedUp[] {
  return runs.filter(isUnfinished);
}

/** A line for each run of a comparison. */
function overview(folder: string, runs: readonly SummedUp[]): string {
  const names = runs.map((run) => relative(folder, run.folder));
  const width = Math.max(...names.map((name) => name.length));
  return [
    `${folder}: ${runs.length - unfinished(runs).length} of ${counted(runs.length, "run")} done`,
    ...runs.map(
      (run, place) =>
        `  ${(names[place] ?? "").padEnd(width)}  ${run.summary ?? next(run)}`,
    ),
    "",
    `The stages of one: autodidact status ${join(folder, names[0] ?? "")}`,
  ].join("\n");
}

function shown(status: SummedUp): string {
  const { folder, name, seed, created, stages, usage, models, summary } =
    status;
  const effort = effortLines(
    stageEfforts(
      usage,
      stages.map((stage) => ({ stage: stage.name, seconds: stage.seconds })),
    ),
  );
  const title =
    name === null
      ? `${folder}: begun, nothing recorded yet`
      : `${folder}: ${name}, seed ${seed}, begun ${created}`;
  const width = Math.max(5, ...stages.map((stage) => stage.name.length));
  const table = [
    row("stage", width, COUNTS),
    ...stages.map((stage) =>
      stage.status === "open"
        ? `${stage.name.padEnd(width)}  not finished, ${counted(stage.rows, "row")} so far`
        : row(
            stage.name,
            width,
            COUNTS.map((count) => String(stage[count])),
          ),
    ),
  ];
  return [
    title,
    ...(summary === null ? [] : [summary]),
    ...(stages.length === 0 ? [] : ["", ...table, ""]),
    ...(effort.length === 0 ? [] : [...effort, ""]),
    ...models.map(({ id, path }) => `${id}: ${path}`),
    next(status),
  ].join("\n");
}

function row(name: string, width: number, counts: readonly string[]): string {
  return `${name.padEnd(width)}  ${counts
    .map((count) => count.padStart(COUNT_WIDTH))
    .join("")}`;
}

function next({ ahead, stages, ended, givenUp }: RunStatus): string {
  if (givenUp > 0)
    return `Not complete: ${counted(givenUp, "question")} had to be given up; the command that made the run asks again.`;
  if (ended !== null) return `Ended: ${ended}.`;
  const open = stages.find(({ status }) => status === "open");
  if (ahead === null)
    return open === undefined
      ? stages.length === 0
        ? "Nothing is done yet."
        : "Every stage that was begun is done."
      : `Next: ${open.name}`;
  const [first, second] = ahead;
  if (first === undefined) return "Every stage is done.";
  const after = second === undefined ? "" : `, then ${second}`;
  return `Next: ${first}${after}; ${counted(ahead.length, "stage")} to come`;
}
