/**
 * @file May this folder hold a run? Asked before anything is put there, so that a
 * mistyped --run-dir never fills somebody's folder.
 */
import { readdirSync } from "node:fs";
import { AutodidactError } from "../foundation/error.js";

/** What a run that was killed at once may have left before its ledger. */
const BEGINNINGS: ReadonlySet<string> = new Set([
  "datasets",
  "ledger.db.lock",
  "models",
  "recipe.yaml",
  "run.log",
]);

/**
 * A run folder has a ledger, or is new, empty or just begun.
 * @throws STORAGE naming some of the other files that are there
 */
export function requireRunFolder(folder: string): void {
  const names = namesIn(folder);
  if (names.includes("ledger.db")) return;
  const others = names.filter((name) => !BEGINNINGS.has(name));
  if (others.length === 0) return;
  const shown = `${others.slice(0, 3).join(", ")}${others.length > 3 ? ", …" : ""}`;
  throw new AutodidactError(
    "STORAGE",
    `${folder} holds files that no run made (${shown}). Give --run-dir a new folder, or the folder of a run to go on with it.`,
    { path: folder },
  );
}

/** Empty where nothing can be listed: what is wrong there is told when it is written to. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
