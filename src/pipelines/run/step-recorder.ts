/**
 * @file Training steps of a stage: told as they happen, and kept as rows some at a time.
 */
import type { EventListener } from "../../events/run-event.js";
import type { Stage } from "../../ledger/stage.js";
import type { StepListener, StepMetrics } from "../../training/trainer.js";

const ROWS_AT_ONCE = 100;

export interface StepRecorder {
  /** For the trainer. */
  readonly onStep: StepListener;
  /** Writes the steps still waiting; to be called when training ends. */
  readonly flush: () => void;
}

export function stepRecorder(stage: Stage, emit: EventListener): StepRecorder {
  let waiting: StepMetrics[] = [];
  const flush = (): void => {
    stage.insert(
      "training_steps",
      waiting.map((metrics) => ({
        key: String(metrics.step),
        step: metrics.step,
        metrics,
      })),
    );
    waiting = [];
  };
  return {
    onStep: (metrics, totalSteps, recorded) => {
      emit({
        type: "training-step",
        stage: stage.name,
        totalSteps,
        metrics,
        recorded,
      });
      waiting.push(metrics);
      if (waiting.length >= ROWS_AT_ONCE) flush();
    },
    flush,
  };
}
