/**
 * @file What a run's log told that its ledger does not hold: titles of stages, warnings,
 * and figures of models before there is a report.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { RUN_LOG } from "../../pipelines/run/run-log.js";
import { harmless } from "../../text/harmless.js";
import type { Figure, RunDetail } from "../api/api.js";

/** Most bytes of the log that are looked at, its end; older lines repeat or have aged. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_WARNINGS = 100;

const figure = z.object({
  mean: z.number(),
  low: z.number(),
  high: z.number(),
});

/** The events that matter here, as run.log has them. */
const told = z.discriminatedUnion("type", [
  z.object({
    type: z.enum(["stage-start", "stage-end", "stage-reuse"]),
    stage: z.string(),
    title: z.string(),
  }),
  z.object({
    type: z.literal("warning"),
    code: z.string(),
    message: z.string(),
  }),
  z.object({
    type: z.literal("gate-failed"),
    gate: z.string(),
    message: z.string(),
  }),
  z.object({
    type: z.literal("evaluation-end"),
    model: z.string(),
    accuracy: figure,
    score: z.number(),
    selfReward: z.number().optional(),
  }),
]);

export interface ToldEvents {
  readonly titles: ReadonlyMap<string, string>;
  /** Each once, oldest first. */
  readonly warnings: RunDetail["warnings"];
  /** By the model's name. */
  readonly figures: ReadonlyMap<string, Readonly<Record<string, Figure>>>;
}

export function toldEvents(folder: string): ToldEvents {
  const titles = new Map<string, string>();
  const warnings = new Map<string, RunDetail["warnings"][number]>();
  const figures = new Map<string, Readonly<Record<string, Figure>>>();
  for (const line of endOf(join(folder, RUN_LOG)).split("\n")) {
    const event = told.safeParse(eventIn(line)).data;
    if (event === undefined) continue;
    if (event.type === "warning")
      warnings.set(`${event.code} ${event.message}`, shown(event));
    else if (event.type === "gate-failed")
      warnings.set(event.message, shown({ ...event, code: event.gate }));
    else if (event.type === "evaluation-end") {
      const { accuracy, score, selfReward } = event;
      figures.set(event.model, {
        accuracy,
        score: exactly(score),
        ...(selfReward !== undefined && { selfReward: exactly(selfReward) }),
      });
    } else titles.set(event.stage, event.title);
  }
  return {
    titles,
    warnings: [...warnings.values()].slice(-MOST_WARNINGS),
    figures,
  };
}

/** A number that came without its interval. */
export function exactly(mean: number): Figure {
  return { mean, low: null, high: null };
}

function shown({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string;
}): RunDetail["warnings"][number] {
  return { code, message: harmless(message) };
}

/** A line is a time, a space and an event; undefined for one that was cut. */
function eventIn(line: string): unknown {
  try {
    return JSON.parse(line.slice(line.indexOf(" ") + 1));
  } catch {
    return undefined;
  }
}

/** Empty where there is no log. */
function endOf(path: string): string {
  try {
    const file = openSync(path, "r");
    try {
      const { size } = fstatSync(file);
      const bytes = Buffer.alloc(Math.min(size, MOST_BYTES));
      const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
      return bytes.toString("utf8", 0, read);
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}
