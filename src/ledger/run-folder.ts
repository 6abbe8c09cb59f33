/**
 * @file May this folder hold a run? Asked before anything is put there, so that a
 * mistyped --run-dir never fills somebody's folder.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { AutodidactError } from "../foundation/error.js";
import { LEDGER_FILE } from "./ledger-file.js";

/** What a run that was killed at once may have left before its ledger. */
const BEGINNINGS: ReadonlySet<string> = new Set([
  "datasets",
  "ledger.db.lock",
  "ledger.db.reserve",
  "models",
  "recipe.yaml",
  "run.log",
]);

/** What is written only after the ledger has recorded the run. */
const AFTER_LEDGER = ["recipe.yaml", "report.json"];

/**
 * A run folder has a ledger, or is new, empty or just begun.
 * @throws STORAGE naming some of the other files that are there; LEDGER for a ledger that
 *   was emptied: all it held would be made and paid for again
 */
export function requireRunFolder(folder: string): void {
  const names = namesIn(folder);
  if (names.includes(LEDGER_FILE)) {
    const path = join(folder, LEDGER_FILE);
    const witness = AFTER_LEDGER.find((name) => names.includes(name));
    if (witness === undefined || statSync(path).size > 0) return;
    throw new AutodidactError(
      "LEDGER",
      `${path} is empty, although a run was recorded in it (${witness} is there): its rows and its paid answers are lost. Put a copy of the file back to go on; or move it away, or choose another folder, to begin anew.`,
      { path, witness },
    );
  }
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
