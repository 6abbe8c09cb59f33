/**
 * @file What the stages of a Self-Instruct run share, and how a stage is run.
 */
import type { SeedTask } from "../../data/formats/instruction-records.js";
import type { EventListener } from "../../events/run-event.js";
import { AutodidactError } from "../../foundation/error.js";
import { hashOf } from "../../foundation/hash.js";
import type {
  LanguagePack,
  RuleName,
} from "../../instruct/language-packs/language-pack.js";
import type { PromptSet } from "../../instruct/prompts/prompt-set.js";
import type { InstructSampling } from "../../instruct/settings.js";
import type { Ledger } from "../../ledger/ledger.js";
import type { Counts } from "../../ledger/stage-counts.js";
import type { Stage } from "../../ledger/stage.js";
import type { Asker } from "./asker.js";
import type { ResolvedSettings } from "./settings.js";

export interface InstructContext {
  readonly ledger: Ledger;
  readonly settings: ResolvedSettings;
  readonly sampling: InstructSampling;
  readonly seeds: readonly SeedTask[];
  readonly pack: LanguagePack;
  readonly prompts: PromptSet;
  readonly enabled: ReadonlySet<RuleName>;
  readonly asker: Asker;
  readonly emit: EventListener;
  readonly signal: AbortSignal;
  /** Seconds since some fixed moment; only for durations. */
  readonly now: () => number;
}

/** What running a stage takes. */
export type StageContext = Pick<
  InstructContext,
  "ledger" | "emit" | "signal" | "now"
>;

/** Runs a stage unless an earlier process finished it. */
export async function runStage<T>(
  context: StageContext,
  step: {
    readonly name: string;
    readonly title: string;
    /** Everything the result depends on, besides the recipe and the stages before. */
    readonly inputs: unknown;
    readonly work: (
      stage: Stage,
    ) => Promise<{ readonly counts: Counts; readonly output: T }>;
  },
): Promise<{ readonly stage: Stage; readonly output: T }> {
  const { ledger, emit, now } = context;
  const { name, title } = step;
  stopIfAsked(context.signal);
  const stage = ledger.stage(name, hashOf(step.inputs));
  if (stage.done) {
    emit({ type: "stage-reuse", stage: name, title });
    return { stage, output: stage.output as T };
  }
  emit({ type: "stage-start", stage: name, title });
  const started = now();
  const { counts, output } = await step.work(stage);
  stage.complete({ ...counts, output });
  emit({
    type: "stage-end",
    stage: name,
    title,
    counts: { ...counts, pending: 0 },
    seconds: now() - started,
  });
  return { stage, output };
}

/** @throws INTERRUPTED when the user asked to stop */
export function stopIfAsked(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new AutodidactError(
    "INTERRUPTED",
    "Stopped as asked; everything answered so far is kept. Run the same command again to go on.",
  );
}

/** A seed for one request, within the range that endpoints accept. */
export function requestSeed(
  seed: number,
  ...path: readonly (string | number)[]
): number {
  return Number.parseInt(hashOf([seed, ...path]).slice(0, 7), 16);
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
