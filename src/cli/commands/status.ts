/**
 * @file `autodidact status`: how far a run is, also while it is going on.
 */
import {
  readRunStatus,
  type RunStatus,
} from "../../pipelines/run-status/run-status.js";
import { defineCommand } from "../command.js";

export const statusCommand = defineCommand({
  name: "status",
  summary: "Show how far a run is and what comes next",
  description:
    "Reads the run's ledger, also while the run is going on, and shows its stages with their counts, the models made so far and the stages still to come. For the folder of a comparison it shows every run in it. Nothing is changed.",
  arguments: {
    run: {
      placeholder: "RUN",
      description: "Folder of a run",
      required: true,
    },
  },
  examples: [
    {
      line: "autodidact status runs/nursery-seed-1",
      does: "Shows stages, counts, models and what comes next",
    },
  ],
  run: async ({ run }, io) => {
    const runs = readRunStatus(run);
    io.print(runs.map(shown).join("\n\n"));
    io.printJson(runs.length === 1 ? runs[0] : { runs });
    return Promise.resolve();
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

function shown(status: RunStatus): string {
  const { folder, name, seed, created, stages, models } = status;
  const title =
    name === null
      ? `${folder}: begun, nothing recorded yet`
      : `${folder}: ${name}, seed ${seed}, begun ${created}`;
  const width = Math.max(5, ...stages.map((stage) => stage.name.length));
  const table = [
    row("stage", width, COUNTS),
    ...stages.map((stage) =>
      stage.status === "open"
        ? `${stage.name.padEnd(width)}  not finished, ${stage.rows} rows so far`
        : row(
            stage.name,
            width,
            COUNTS.map((count) => String(stage[count])),
          ),
    ),
  ];
  return [
    title,
    ...(stages.length === 0 ? [] : ["", ...table, ""]),
    ...models.map(({ id, path }) => `${id}: ${path}`),
    next(status),
  ].join("\n");
}

function row(name: string, width: number, counts: readonly string[]): string {
  return `${name.padEnd(width)}  ${counts
    .map((count) => count.padStart(COUNT_WIDTH))
    .join("")}`;
}

function next({ ahead, stages, ended }: RunStatus): string {
  if (ended !== null) return `Ended: ${ended}.`;
  const open = stages.find(({ status }) => status === "open");
  if (ahead === null)
    return open === undefined
      ? "Every stage that was begun is done."
      : `Next: ${open.name}`;
  const [first, second] = ahead;
  if (first === undefined) return "Every stage is done.";
  const after = second === undefined ? "" : `, then ${second}`;
  return `Next: ${first}${after}; ${ahead.length} ${ahead.length === 1 ? "stage" : "stages"} to come`;
}
