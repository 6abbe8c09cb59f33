/**
 * @file What every stage of a run needs: where it writes, what it reads, who computes.
 */
import type { EventListener } from "../../events/run-event.js";
import type { ModelHost } from "../../generation/language-model.js";
import type { Counts } from "../../ledger/stage-counts.js";
import type { Ledger } from "../../ledger/ledger.js";
import type { Stage } from "../../ledger/stage.js";
import { AutodidactError } from "../../foundation/error.js";
import { hashOf } from "../../foundation/hash.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import type { Trainer } from "../../training/trainer.js";
import type { BaseModel, PromptForm } from "./base-model.js";
import type { LoopData } from "./loop-data.js";
import type { Verifier } from "./verifier.js";

export interface RunContext {
  readonly folder: string;
  readonly base: BaseModel;
  /** How every model of the run is asked and how it answers. */
  readonly form: PromptForm;
  /** Checkpoint folder of a model of this run. */
  readonly modelPath: (id: string) => string;
  readonly ledger: Ledger;
  readonly recipe: SelfRewardingRecipe;
  readonly data: LoopData;
  readonly host: ModelHost;
  readonly trainer: Trainer;
  readonly verifier: Verifier | null;
  readonly emit: EventListener;
  readonly signal: AbortSignal;
  /** Seconds since some fixed moment; only for durations. */
  readonly now: () => number;
}

/** A model of the run: its name, its checkpoint folder, its row in the ledger. */
export interface LoopModel {
  readonly id: string;
  readonly path: string;
  /** How report and ledger name it: the folder from the run folder, or owner/name@commit. */
  readonly source: string;
  readonly rowId: number;
  readonly weightHash: string;
  readonly parameters: number;
}

/**
 * Runs a stage unless an earlier process finished it.
 *
 * @param inputs everything the stage's result depends on, besides the recipe and the stages before
 * @returns what `work` returned as output, now or then
 */
export async function runStage<T>(
  context: RunContext,
  step: {
    readonly name: string;
    readonly title: string;
    readonly inputs: unknown;
    readonly work: (
      stage: Stage,
    ) => Promise<{ readonly counts: Counts; readonly output: T }>;
  },
): Promise<{ readonly stage: Stage; readonly output: T }> {
  const { ledger, emit } = context;
  const { name, title } = step;
  stopIfAsked(context.signal);
  const stage = ledger.stage(name, hashOf(step.inputs));
  if (stage.done) {
    emit({ type: "stage-reuse", stage: name, title });
    return { stage, output: stage.output as T };
  }
  emit({ type: "stage-start", stage: name, title });
  const started = context.now();
  const { counts, output } = await step.work(stage);
  stage.complete({ ...counts, output });
  const seconds = context.now() - started;
  emit({
    type: "stage-end",
    stage: name,
    title,
    counts: { ...counts, pending: 0 },
    seconds,
  });
  return { stage, output };
}

/** @throws INTERRUPTED when the user asked to stop */
export function stopIfAsked(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new AutodidactError(
    "INTERRUPTED",
    "Stopped as asked; everything finished so far is kept. Run the same command again to go on.",
  );
}

/** Counts of a stage in which everything asked for was done. */
export function allAccepted(requested: number): Counts {
  return { requested, accepted: requested, rejected: 0, failed: 0 };
}

/** A stable seed for a named purpose, within the range an endpoint accepts. */
export function derivedSeed(
  seed: number,
  ...path: readonly (string | number)[]
): number {
  return Number.parseInt(hashOf([seed, ...path]).slice(0, 7), 16);
}
