/**
 * @file What was measured of a model, kept for whoever measures the same weights in the
 * same way again: the arms of a comparison begin from one M1.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  measurementSchema,
  type Measurement,
} from "../../evaluation/measurement.js";
import { hashOf } from "../../foundation/hash.js";
import { writeFileAtomic } from "../../foundation/storage.js";

/**
 * The kept measurement, or what `measure` gives, kept from then on.
 * @param folder none keeps nothing
 * @param of everything the result depends on
 */
export async function keptMeasurement(
  folder: string | undefined,
  of: unknown,
  measure: () => Promise<Measurement>,
): Promise<Measurement> {
  if (folder === undefined) return measure();
  const path = join(folder, `${hashOf(of)}.json`);
  const kept = await readKept(path);
  if (kept !== null) return kept;
  const made = await measure();
  await writeFileAtomic(path, JSON.stringify(made));
  return made;
}

/** Null where there is none, or none that is whole: then it is measured anew. */
async function readKept(path: string): Promise<Measurement | null> {
  try {
    return measurementSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return null;
  }
}
