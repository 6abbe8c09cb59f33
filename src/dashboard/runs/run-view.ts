/**
 * @file A run as the dashboard shows it, from its ledger, its log and its report.
 */
import { basename } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import type { LedgerReader } from "../../ledger/ledger.js";
import {
  statusIn,
  type RunStatus,
} from "../../pipelines/run-status/run-status.js";
import type { Report } from "../../reporting/report-kinds.js";
import { harmless } from "../../text/harmless.js";
import type { RunDetail, RunKind, RunState, StageView } from "../api/api.js";
import { modelViews, type MeasuredRows } from "./model-views.js";
import type { RunPlace } from "./run-folders.js";
import type { ToldEvents } from "./told-events.js";

/** Millionths of a dollar in a dollar. */
const MICROS = 1e6;

/** What is found beside the ledger. */
export interface AroundLedger {
  readonly isRunning: boolean;
  readonly told: ToldEvents;
  readonly report: Report | null;
  readonly measurements: MeasuredRows;
}

export function runView(
  place: RunPlace,
  ledger: LedgerReader,
  around: AroundLedger,
): RunDetail {
  const { told, report, isRunning, measurements: rows } = around;
  const { id, folder, comparison } = place;
  const status = statusIn(ledger, folder);
  const recipe = ledger.run()?.recipe;
  const stages = stageViews(status, told);
  const done = stages.filter(({ state }) => state === "done").length;
  const name = status.name ?? basename(folder);
  const arm = armOf(basename(folder), name);
  return {
    id,
    kind: kindOf(recipe),
    name: harmless(name),
    comparison,
    arm: comparison === null ? null : arm,
    seed: status.seed,
    created: status.created,
    state: isRunning ? "running" : stateAtRest(status),
    stage: stages.findLast(({ state }) => state !== "ahead")?.name ?? null,
    stagesDone: done,
    stagesPlanned: status.ahead === null ? null : stages.length,
    trouble: null,
    recipe: recipe === undefined ? "" : harmless(stringify(recipe)),
    stages,
    models: modelViews(ledger, { rows, told, report }),
    warnings: told.warnings,
    ended: status.ended,
  };
}

/** A run of which nothing can be read but that it is there. */
export function troubledRun(
  { id, folder, comparison }: RunPlace,
  trouble: string,
): RunDetail {
  return {
    id,
    kind: "self-rewarding",
    name: harmless(basename(folder)),
    comparison,
    arm: null,
    seed: null,
    created: null,
    state: "stopped",
    stage: null,
    stagesDone: 0,
    stagesPlanned: null,
    trouble: harmless(trouble),
    recipe: "",
    stages: [],
    models: [],
    warnings: [],
    ended: null,
  };
}

const training = z.object({ kind: z.literal("self-instruct") });
/** It says how many rows are wanted, and trains nothing. */
const dataOnly = z.object({ accept: z.number() });

function kindOf(recipe: unknown): RunKind {
  if (training.safeParse(recipe).success) return "self-instruct";
  return dataOnly.safeParse(recipe).success ? "instruct" : "self-rewarding";
}

function stateAtRest({ stages, ahead, ended, givenUp }: RunStatus): RunState {
  if (ended !== null) return "ended-early";
  const isWhole =
    stages.length > 0 &&
    stages.every(({ status }) => status === "complete") &&
    (ahead ?? []).length === 0 &&
    givenUp === 0;
  return isWhole ? "complete" : "stopped";
}

/** A run of a comparison lies in ARM-seed-N and is called RECIPE-ARM; without arms in seed-N. */
function armOf(folder: string, name: string): string | null {
  const found = /^(?:(.+)-)?seed-\d+$/.exec(folder);
  if (found === null) return null;
  const arm = found[1];
  if (arm === undefined) return harmless(name);
  return name.endsWith(`-${arm}`) ? harmless(arm) : null;
}

/** Those begun, in order, and those still planned. */
function stageViews(
  { stages, usage, ahead }: RunStatus,
  { titles }: ToldEvents,
): StageView[] {
  const asked = new Map(usage.map((each) => [each.stage, each]));
  const title = (name: string) => titles.get(name) ?? null;
  const begun = stages.map((stage): StageView => {
    const { name, status, requested, accepted, rejected, failed } = stage;
    const used = asked.get(name);
    return {
      name,
      title: title(name),
      state: status === "complete" ? "done" : "open",
      ...{ requested, accepted, rejected, failed },
      seconds: stage.seconds,
      requests: used?.requests ?? 0,
      tokensIn: used?.tokensIn ?? 0,
      tokensOut: used?.tokensOut ?? 0,
      cost: (used?.cost ?? 0) / MICROS,
    };
  });
  const names = new Set(begun.map(({ name }) => name));
  const planned = (ahead ?? []).filter((name) => !names.has(name));
  return [...begun, ...planned.map((name) => ({ ...UNBEGUN, name }))];
}

const UNBEGUN = {
  title: null,
  state: "ahead",
  requested: 0,
  accepted: 0,
  rejected: 0,
  failed: 0,
  seconds: 0,
  requests: 0,
  tokensIn: 0,
  tokensOut: 0,
  cost: 0,
} as const;
