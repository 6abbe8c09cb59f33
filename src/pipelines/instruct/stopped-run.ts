/**
 * @file The end of a run that was stopped and can go on: its error, with how far it got.
 */
import {
  CLASSIFICATION_STAGE,
  INSTANCE_STAGE,
  INSTRUCTION_STAGE,
} from "../../instruct/stages.js";
import { count, counted } from "../../text/number-words.js";
import { AutodidactError, type ErrorCode } from "../../foundation/error.js";
import type { LedgerReader } from "../../ledger/ledger.js";

const CAN_GO_ON: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "BUDGET",
  "ENDPOINT",
  "INTERRUPTED",
]);

/**
 * `error` with what the ledger holds of the `wanted` instructions; unchanged where
 * nothing was accepted, or where the run is not one that goes on.
 */
export function withStateOfRun(
  error: unknown,
  {
    ledger,
    wanted,
  }: { readonly ledger: LedgerReader; readonly wanted: number },
): unknown {
  if (!(error instanceof AutodidactError) || !CAN_GO_ON.has(error.code))
    return error;
  const accepted = ledger.count("prompts", { stage: INSTRUCTION_STAGE });
  if (accepted === 0) return error;
  const sorted = ledger.count("candidates", { stage: CLASSIFICATION_STAGE });
  const instances = ledger.count("candidates", { stage: INSTANCE_STAGE });
  const state = [
    `${count(accepted)} of ${counted(wanted, "instruction")} are accepted`,
    ...(sorted === 0 ? [] : [`${count(sorted)} of them sorted`]),
    ...(instances === 0 ? [] : [`${counted(instances, "instance")} kept`]),
  ];
  return new AutodidactError(
    error.code,
    `${error.message} So far ${state.join(", ")}; the data set is written when all is done, and a replay of this run makes one of what is there by now, at no cost.`,
    { ...error.details, accepted, wanted, sorted, instances },
    { cause: error },
  );
}
