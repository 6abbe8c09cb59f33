/**
 * @file Are the seed tasks those that the run was begun with? Asked before anything of
 * it is touched: other seeds make other prompts, to which no answer is recorded.
 */
import type { SeedTask } from "../../data/formats/instruction-records.js";
import { AutodidactError } from "../../foundation/error.js";
import { hashOf } from "../../foundation/hash.js";
import type { Ledger } from "../../ledger/ledger.js";
import type { InstructSettings } from "../../recipes/instruct.js";

/** What a recipe keeps of the seeds, besides the file's name. */
export function seedsHash(seeds: readonly SeedTask[]): string {
  return hashOf(seeds);
}

/**
 * Does nothing while the run has no answer that could be lost, and where other seeds are asked for by
 * name: that is another run, which is told with both names.
 * @throws LEDGER when the file has changed since the run began
 */
export function requireSameSeeds(
  ledger: Ledger,
  { seeds: path }: Pick<InstructSettings, "seeds">,
  seeds: readonly SeedTask[],
): void {
  const recorded = ledger.run()?.recipe as
    Readonly<Record<string, unknown>> | undefined;
  if (
    recorded === undefined ||
    ledger.calls.totals().calls === 0 ||
    recorded["seeds"] !== path ||
    recorded["seedTasks"] === seedsHash(seeds)
  )
    return;
  throw new AutodidactError(
    "LEDGER",
    path === null
      ? `The bundled seed tasks are not those that the run of ${ledger.path} began with: it was begun by another version. Go on with that version, or begin a new run in another --run-dir. Nothing was changed.`
      : `The seed file ${path} has changed since the run of ${ledger.path} began: its answers belong to the old seeds. Restore the file to go on, or begin a new run with the new one in another --run-dir. Nothing was changed.`,
    { path: ledger.path, seeds: path },
  );
}
