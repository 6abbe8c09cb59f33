/**
 * @file What was measured of the models of a run, by stable keys: from its report where
 * it says so, before that from the ledger and from what the run told.
 */
import type { LedgerReader } from "../../ledger/ledger.js";
import { measurementSchema } from "../../evaluation/measurement.js";
import { mean } from "../../foundation/statistics.js";
import type { Report } from "../../reporting/report-kinds.js";
import type { Figure, ModelView } from "../api/api.js";
import { exactly, type ToldEvents } from "./told-events.js";

type Figures = Readonly<Record<string, Figure>>;
type Measured = Figure | number | null | undefined;

/** Figures of measurements by the id of their row, which never changes. */
export type MeasuredRows = Map<number, { modelId: number; figures: Figures }>;

/**
 * @param rows what was read of this ledger before; what is new is added
 * @param report null while there is none of this version
 */
export function modelViews(
  ledger: LedgerReader,
  {
    rows,
    told,
    report,
  }: {
    readonly rows: MeasuredRows;
    readonly told: ToldEvents;
    readonly report: Report | null;
  },
): ModelView[] {
  readMeasurements(ledger, rows);
  const reported = reportedFigures(report);
  const models = [...ledger.read("models")];
  const names = new Map(models.map(({ id, name }) => [id, name]));
  return models.map(({ id, name, parentId }) => ({
    name,
    parent: names.get(parentId ?? 0) ?? null,
    figures: reported.get(name) ?? {
      ...[...rows.values()].findLast(({ modelId }) => modelId === id)?.figures,
      ...told.figures.get(name),
    },
  }));
}

function readMeasurements(ledger: LedgerReader, rows: MeasuredRows): void {
  const afterId = Math.max(0, ...rows.keys());
  for (const row of ledger.read("evaluations", { afterId })) {
    const { data } = measurementSchema.safeParse(row.result);
    if (data === undefined || row.modelId === null) continue;
    const ordered = data.fixedScores.flatMap(([right, corrupted]) =>
      right === null || corrupted === null ? [] : [Number(right > corrupted)],
    );
    rows.set(row.id, {
      modelId: row.modelId,
      figures: measured({
        selfReward: mean(data.selfScores.filter((score) => score !== null)),
        responseLength: mean(data.greedy.map(({ tokens }) => tokens)),
        "judgeFixed.pairwiseAccuracy": mean(ordered),
      }),
    });
  }
}

function reportedFigures(report: Report | null): ReadonlyMap<string, Figures> {
  if (report === null || report.kind === "instruct") return new Map();
  return new Map(
    report.kind === "self-rewarding"
      ? report.models.map((model) => [model.id, loopFigures(model)])
      : report.models.map((model) => [model.id, heldOutFigures(model)]),
  );
}

type LoopModel = Report<"self-rewarding">["models"][number];

function heldOutFigures({
  accuracy,
  score,
  sampled,
  responseLength,
}: Pick<
  LoopModel,
  "accuracy" | "score" | "sampled" | "responseLength"
>): Figures {
  return measured({
    accuracy,
    score,
    "sampled.accuracy": sampled?.accuracy,
    "sampled.score": sampled?.score,
    responseLength,
  });
}

function loopFigures(model: LoopModel): Figures {
  const { selfReward, self, outside, judge, judgeFixed, judgeOwn } = model;
  return {
    ...heldOutFigures(model),
    ...measured({
      selfReward: self?.reward ?? selfReward,
      selfGap: self?.gap,
      outsideReward: outside?.reward,
      ...judgeFigures("judge", judge),
      ...judgeFigures("judgeFixed", judgeFixed),
      ...judgeFigures("judgeOwn", judgeOwn),
    }),
  };
}

function judgeFigures(
  name: string,
  metrics: LoopModel["judge"],
): Readonly<Record<string, number | null>> {
  if (metrics === null) return {};
  const { pairwiseAccuracy, fiveBest, exactMatch, spearman, kendall } = metrics;
  return Object.fromEntries(
    Object.entries({
      pairwiseAccuracy,
      fiveBest,
      exactMatch,
      spearman,
      kendall,
    }).map(([key, value]) => [`${name}.${key}`, value]),
  );
}

/** Without what nobody measured. */
function measured(values: Readonly<Record<string, Measured>>): Figures {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) =>
      value === null || value === undefined
        ? []
        : [[key, typeof value === "number" ? exactly(value) : value]],
    ),
  );
}
