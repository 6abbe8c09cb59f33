/**
 * @file A run made of nothing but ledger writes, laid down in a plan, that can be
 * killed anywhere and started again. It is a program and the library of the tests
 * that start it.
 *
 * As a program: `node --import tsx scripted-run.ts LEDGER PLAN_JSON`.
 */
import { pathToFileURL } from "node:url";
import { manualClock } from "../../src/foundation/clock.js";
import { hashOf } from "../../src/foundation/hash.js";
import { openLedger } from "../../src/ledger/ledger.js";
import type { Stage } from "../../src/ledger/stage.js";

/** One stage: the sizes of the chunks it writes, and how it finds its way after a kill. */
export interface StagePlan {
  readonly chunks: readonly number[];
  /** `repeat` writes every row again; `skip` asks what is there and goes on behind it. */
  readonly resume: "repeat" | "skip";
}

export type RunPlan = readonly StagePlan[];

/** Does the whole run, from wherever the ledger at `path` stands. */
export function performRun(path: string, plan: RunPlan): void {
  const ledger = openLedger({ path, mode: "write", clock: manualClock(0) });
  ledger.recordRun({
    recipe: { plan },
    seed: 1,
    environment: {
      packageVersion: "0",
      nodeVersion: "0",
      onnxruntimeVersion: "0",
      machine: "any",
      gitCommit: null,
    },
  });
  for (const [index, stagePlan] of plan.entries()) {
    const stage = ledger.stage(`stage-${index}`, hashOf(stagePlan));
    if (!stage.done) performStage(stage, { index, plan: stagePlan });
  }
  ledger.finish();
  ledger.close();
}

function performStage(
  stage: Stage,
  { index, plan }: { readonly index: number; readonly plan: StagePlan },
): void {
  const written = plan.resume === "skip" ? stage.count("prompts") : 0;
  const total = plan.chunks.reduce((sum, size) => sum + size, 0);
  let from = 0;
  for (const size of plan.chunks) {
    const rows = Array.from({ length: size }, (_, offset) => {
      const number = from + offset;
      return {
        key: `p${number}`,
        text: `Stage ${index}, prompt ${number}.`,
        origin: "generated" as const,
        evidence: { index, number },
      };
    });
    from += size;
    if (from <= written) continue;
    stage.insertPrompts(rows);
    stage.progress({
      requested: total,
      accepted: from,
      rejected: 0,
      failed: 0,
    });
  }
  stage.complete({
    requested: total,
    accepted: total,
    rejected: 0,
    failed: 0,
    output: { rows: stage.count("prompts") },
  });
}

const [, program, path, plan] = process.argv;
if (program !== undefined && import.meta.url === pathToFileURL(program).href) {
  performRun(path as string, JSON.parse(plan as string) as RunPlan);
}
