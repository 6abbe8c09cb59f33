/**
 * @file Every model of a run is measured, and what was measured is told. Nothing here
 * feeds back into training, but a judge's fixed-set accuracy decides the gate and the
 * stop rule of the loop.
 */
import type { EvaluationSets } from "../../evaluation/evaluation-sets.js";
import {
  measure,
  measurementSchema,
  type Measurement,
  type MeasurementSettings,
} from "../../evaluation/measurement.js";
import {
  modelFigures,
  truthOf,
  type ModelFigures,
  type Truth,
} from "../../evaluation/model-figures.js";
import type { Verifier } from "../../evaluation/verifiers/verifier.js";
import { crashPoint } from "../../foundation/crash-point.js";
import type { ModelHost } from "../../generation/language-model.js";
import { counted } from "../../text/number-words.js";
import { keptMeasurement } from "./kept-measurements.js";
import { countsOfKept, runStage, type StageContext } from "./run-stage.js";

/** A model with what was measured of it. */
export interface Measured<M> {
  readonly model: M;
  readonly measurement: Measurement;
  /** Null where nobody knows the truth. */
  readonly truth: Truth | null;
  readonly figures: ModelFigures;
}

/** Measures one model, or reads back what was measured of it. */
export async function evaluationStage<
  M extends {
    readonly id: string;
    readonly path: string;
    /** Row in the ledger. */
    readonly rowId: number;
  },
>(
  context: StageContext & {
    readonly host: ModelHost;
    readonly verifier: Verifier | null;
    /** Folder of measurements that several runs share. */
    readonly measurements?: string | undefined;
  },
  model: M,
  step: {
    readonly sets: EvaluationSets;
    readonly settings: MeasurementSettings & { readonly resamples: number };
    /** Everything the result depends on, besides recipe and earlier stages. */
    readonly inputs: unknown;
    /** The same where runs may share it; `inputs` when absent. */
    readonly measured?: unknown;
  },
): Promise<Measured<M>> {
  const { host, verifier, measurements, signal, emit } = context;
  const { sets, settings, inputs } = step;
  const prompts = sets.heldOut.length;
  const { stage } = await runStage(context, {
    name: `${model.id}/evaluation`,
    title: `${model.id} is measured on ${counted(prompts, "held-out prompt")}`,
    inputs,
    work: async (opened) => {
      const result = await keptMeasurement(
        measurements,
        [step.measured ?? inputs, sets],
        () =>
          host.withModel(model.path, (loaded) =>
            measure(loaded, sets, settings, { signal }),
          ),
      );
      opened.insert("evaluations", [
        {
          key: "measurement",
          modelId: model.rowId,
          name: "measurement",
          result,
        },
      ]);
      crashPoint("evaluation-written");
      return { counts: countsOfKept(prompts), output: null };
    },
  });
  const measurement = measurementSchema.parse(
    stage.find("evaluations", "measurement")?.result,
  );
  const truth = truthOf(sets, measurement, verifier);
  const { seed, resamples } = settings;
  const figures = modelFigures({ sets, measurement, truth, seed, resamples });
  const { accuracy, score, selfReward } = figures;
  if (accuracy !== null && score !== null) {
    emit({
      type: "evaluation-end",
      model: model.id,
      accuracy,
      score: score.mean,
      ...(selfReward === null ? {} : { selfReward: selfReward.mean }),
    });
  }
  return { model, measurement, truth, figures };
}

/** The figures of sampled answers as a report has them; null where none were asked for. */
export function sampledFigures(
  {
    temperature,
    samplesPerPrompt,
  }: Pick<MeasurementSettings, "temperature" | "samplesPerPrompt">,
  { sampledAccuracy: accuracy, sampledScore: score }: ModelFigures,
) {
  return samplesPerPrompt === 0
    ? null
    : { temperature, samplesPerPrompt, accuracy, score };
}
