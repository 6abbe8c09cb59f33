/**
 * @file How far a run is, read from its ledger and nothing else; safe beside the
 * process that writes it, and changes nothing.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { AutodidactError } from "../../foundation/error.js";
import { openLedger, type LedgerReader } from "../../ledger/ledger.js";
import type { StageCounts } from "../../ledger/stage-counts.js";
import { selfRewardingSchema } from "../../recipes/self-rewarding.js";
import { plannedStages } from "./planned-stages.js";

export interface RunStatus {
  readonly folder: string;
  /** Of the recipe; null before it is recorded. */
  readonly name: string | null;
  readonly seed: number | null;
  /** ISO time. */
  readonly created: string | null;
  readonly stages: readonly StageCounts[];
  readonly models: readonly { readonly id: string; readonly path: string }[];
  /** Stages still to come, the one under way first; null where the recipe is not of the loop. */
  readonly ahead: readonly string[] | null;
}

const LEDGER = "ledger.db";

/**
 * The status of a run folder, or of each run of a comparison's folder, by name.
 * @throws LEDGER: no ledger there, or a damaged one; STORAGE: it cannot be read
 */
export function readRunStatus(folder: string): readonly RunStatus[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isFile() === true) {
    throw new AutodidactError(
      "LEDGER",
      `${folder} is a file; a run is a folder with a ledger. Give the folder of a run.`,
      { path: folder },
    );
  }
  const members = existsSync(join(folder, LEDGER)) ? [] : runsInside(folder);
  return (members.length === 0 ? [folder] : members).map(readOne);
}

/** Folders right below `folder` that are runs. */
function runsInside(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .filter((path) => existsSync(join(path, LEDGER)))
    .sort();
}

function readOne(folder: string): RunStatus {
  const ledger = openLedger({ path: join(folder, LEDGER), mode: "read" });
  try {
    const run = ledger.run();
    const stages = ledger.counts();
    return {
      folder,
      name: nameOf(run?.recipe),
      seed: run?.seed ?? null,
      created: run?.created ?? null,
      stages,
      models: modelsOf(ledger),
      ahead: stagesAhead(run?.recipe, stages),
    };
  } finally {
    ledger.close();
  }
}

function modelsOf(ledger: LedgerReader): RunStatus["models"] {
  return [...ledger.read("models")].map(({ name, path }) => ({
    id: name,
    path,
  }));
}

function nameOf(recipe: unknown): string | null {
  const named =
    recipe !== null && typeof recipe === "object" && "name" in recipe
      ? recipe.name
      : null;
  return typeof named === "string" ? named : null;
}

/** A loop that its stop rule ended goes straight to its last stages. */
function stagesAhead(
  recipe: unknown,
  stages: readonly StageCounts[],
): string[] | null {
  const parsed = selfRewardingSchema.safeParse(recipe);
  if (!parsed.success) return null;
  const planned = plannedStages(parsed.data);
  const last = stages.at(-1);
  if (last === undefined) return planned;
  const place = planned.indexOf(last.name);
  if (place < 0) return null;
  return planned.slice(last.status === "complete" ? place + 1 : place);
}
