/**
 * @file What the stages of a Self-Instruct run share, and how a stage is run.
 */
import type { SeedTask } from "../../data/formats/instruction-records.js";
import { AutodidactError } from "../../foundation/error.js";
import type {
  LanguagePack,
  RuleName,
} from "../../instruct/language-packs/language-pack.js";
import type { PromptSet } from "../../instruct/prompts/prompt-set.js";
import type { InstructSampling } from "../../instruct/settings.js";
import type { Counts } from "../../ledger/stage-counts.js";
import {
  runStage as runRecordedStage,
  type StageContext,
} from "../run/run-stage.js";
import type { Author } from "./author.js";
import type { ResolvedSettings } from "../../recipes/instruct.js";

export interface InstructContext extends StageContext {
  readonly settings: ResolvedSettings;
  readonly sampling: InstructSampling;
  readonly seeds: readonly SeedTask[];
  readonly pack: LanguagePack;
  readonly prompts: PromptSet;
  readonly enabled: ReadonlySet<RuleName>;
  readonly author: Author;
}

/** Runs a stage unless an earlier process finished it; says what is kept in this pipeline's words. */
export const runStage: typeof runRecordedStage = (context, step) => {
  stopIfAsked(context.signal);
  return runRecordedStage(context, step);
};

/** @throws INTERRUPTED when the user asked to stop */
export function stopIfAsked(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new AutodidactError(
    "INTERRUPTED",
    "Stopped as asked; everything answered so far is kept. Run the same command again to go on.",
  );
}

/** Books of a stage while it is being worked on. */
export interface Tally {
  accepted: number;
  rejected: number;
  failed: number;
}

export function countsOf({ accepted, rejected, failed }: Tally): Counts {
  return {
    requested: accepted + rejected + failed,
    accepted,
    rejected,
    failed,
  };
}
