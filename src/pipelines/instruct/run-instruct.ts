/**
 * @file A whole Self-Instruct run in a folder: begun, gone on with, replayed.
 *
 * Everything is in the folder's ledger before it is in a file, so the same command
 * goes on where a killed or stopped run was, and gives what an uninterrupted one gives.
 */
import type {
  InstructReport,
  RunEstimate,
} from "../../reporting/instruct/schema.js";
import type { InstructContext } from "../instruct-stages/instruct-context.js";
import { makeTasks, type MakeOptions } from "../instruct-stages/make-tasks.js";
import { refuseEmptyData } from "../instruct-stages/nothing-accepted.js";
import { writeOutputs } from "../instruct-stages/write-outputs.js";
import { countGivenUp, refuseIncomplete } from "../run/unanswered.js";
import { withSession, type SessionOptions } from "./instruct-session.js";
import { keptEstimate, probe } from "./probe.js";
import { withStateOfRun } from "./stopped-run.js";

export interface InstructOptions
  extends SessionOptions, Pick<MakeOptions, "onYield"> {
  /** Prompts of an evaluation set, to look for overlap with. */
  readonly evaluation?: readonly string[];
  /** Told before the first instruction is accepted, unless it was told before or the run is a replay. */
  readonly onEstimate?: (estimate: RunEstimate) => void;
}

/**
 * Runs or continues a run; returns the report it wrote.
 * @throws BUDGET when a limit was reached (the run can go on with a higher one),
 *   GATE when nothing was accepted or no instruction got an instance, ENDPOINT also when
 *   everything is written but some questions were given up, INTERRUPTED, BAD_INPUT for
 *   seeds, LEDGER for other settings
 */
export async function runInstruct(
  options: InstructOptions,
): Promise<InstructReport> {
  return withSession(options, async ({ context, source }) => {
    const estimate =
      source === undefined
        ? await estimateOnce(context, options.onEstimate)
        : undefined;
    const { ledger, settings } = context;
    const made = await makeTasks(context, {
      ...(source === undefined ? {} : { source }),
      ...(options.onYield === undefined ? {} : { onYield: options.onYield }),
    }).catch((error: unknown) => {
      throw withStateOfRun(error, { ledger, wanted: settings.accept });
    });
    if (countGivenUp(ledger) === 0) ledger.finish();
    const report = await writeOutputs(context, options, { ...made, estimate });
    refuseIncomplete(ledger);
    refuseEmptyData(report);
    return report;
  });
}

/** Told only when the probe is done now. */
async function estimateOnce(
  context: InstructContext,
  tell: InstructOptions["onEstimate"],
): Promise<RunEstimate> {
  const kept = keptEstimate(context);
  if (kept !== undefined) return kept;
  const estimate = await probe(context);
  tell?.(estimate);
  return estimate;
}

/**
 * Only the probe: what the whole run would take. What it buys, the run uses.
 * @throws as `runInstruct`
 */
export async function estimateInstruct(
  options: SessionOptions,
): Promise<RunEstimate> {
  return withSession(options, ({ context }) =>
    estimateOnce(context, undefined),
  );
}
