/**
 * @file The training curves of a run for TensorBoard: one run of it for each stage that
 * trains, under the tags that TRL logs.
 */
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../foundation/storage.js";
import type { LedgerReader } from "../ledger/ledger.js";
import { eventFile, type ScalarEvent } from "./event-file.js";
import type { WrittenFile } from "./written-file.js";

/**
 * Writes `FOLDER/STAGE/events.out.tfevents.…`.
 * @throws STORAGE
 */
export async function writeTrainingEvents(
  ledger: LedgerReader,
  folder: string,
): Promise<readonly WrittenFile[]> {
  const written: WrittenFile[] = [];
  for (const { name: stage, begun } of ledger.counts()) {
    const rows = ledger.count("training_steps", { stage });
    if (rows === 0) continue;
    const wallTime = Date.parse(begun) / 1000;
    const path = join(
      ...[folder, stage.replaceAll("/", "-")],
      `events.out.tfevents.${Math.floor(wallTime)}.autodidact`,
    );
    await writeFileAtomic(path, eventFile(stepEvents(ledger, stage, wallTime)));
    written.push({ path, rows });
  }
  return written;
}

const numbers = z.record(z.string(), z.unknown());

/** Steps keep no times, so that a resumed run records the same: all have their stage's. */
function* stepEvents(
  ledger: LedgerReader,
  stage: string,
  wallTime: number,
): Generator<ScalarEvent> {
  for (const { step, metrics } of ledger.read("training_steps", { stage })) {
    const scalars = Object.entries(numbers.parse(metrics)).flatMap(
      ([name, value]) =>
        name !== "step" && typeof value === "number"
          ? [[`train/${name}`, value] as const]
          : [],
    );
    yield { wallTime, step, scalars: Object.fromEntries(scalars) };
  }
}
