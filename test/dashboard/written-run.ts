/**
 * @file Run folders with real ledgers, of a few rows that a test chooses.
 */
import { join } from "node:path";
import { openLedger, type Ledger } from "../../src/ledger/ledger.js";
import type { Stage } from "../../src/ledger/stage.js";
import { recordPlan } from "../../src/pipelines/run/plan.js";
import { ENVIRONMENT } from "../ledger/support.js";

export const PLAN = ["seeds", "round-1/prompts", "round-1/candidates"];

/** Opens the ledger of a run of `PLAN`, begun with a recipe of this name. */
export function openRun(
  folder: string,
  recipe: { readonly name: string; readonly [key: string]: unknown } = {
    name: "tiny",
  },
): Ledger {
  const ledger = openLedger({ path: join(folder, "ledger.db"), mode: "write" });
  ledger.recordRun({ recipe, seed: 7, environment: ENVIRONMENT });
  recordPlan(ledger, PLAN);
  return ledger;
}

/** The stage of this name, which has to be next, as it is. */
export function stageOf(ledger: Ledger, name: string): Stage {
  return ledger.stage(name, "h");
}

export function finish(stage: Stage, accepted = 1): void {
  stage.complete({ requested: accepted, accepted, rejected: 0, failed: 0 });
}

/** Prompts `from` … `to` − 1. @returns their ids */
export function writePrompts(
  stage: Stage,
  from: number,
  to: number,
  text = (i: number) => `prompt ${i}`,
): number[] {
  return stage.insert(
    "prompts",
    Array.from({ length: to - from }, (_, i) => ({
      key: String(from + i),
      text: text(from + i),
      origin: "generated" as const,
    })),
  );
}

/** A finished run: every stage of the plan is done, and has a row or two. */
export function writeRun(
  folder: string,
  recipe?: Parameters<typeof openRun>[1],
): void {
  const ledger = openRun(folder, recipe);
  const seeds = stageOf(ledger, "seeds");
  seeds.insert("seed_tasks", [
    { key: "a", kind: "ift", origin: "file", instruction: "Do a." },
  ]);
  finish(seeds);
  const prompts = stageOf(ledger, "round-1/prompts");
  writePrompts(prompts, 0, 2);
  finish(prompts, 2);
  const candidates = stageOf(ledger, "round-1/candidates");
  candidates.insert("training_steps", [
    { key: "1", step: 1, metrics: { step: 1, loss: 0.5, grad_norm: 1 } },
    { key: "2", step: 2, metrics: { step: 2, loss: 0.25, grad_norm: 1 } },
  ]);
  finish(candidates);
  ledger.close();
}
