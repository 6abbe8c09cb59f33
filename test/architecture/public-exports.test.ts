/**
 * @file The published names. A change of these lists is a change of the interface:
 * it belongs into CHANGELOG.md and follows semantic versioning.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { ROOT } from "../docs/pages.js";
import { sourceFiles } from "./source-files.js";

const PUBLISHED: Readonly<Record<string, readonly string[]>> = {
  "src/public/engine.ts": [
    "GraphBuilder",
    "ShapeError",
    "availableDevices",
    "clippingScale",
    "compile",
    "differentiate",
    "encodeModel",
    "float32Tensor",
    "gradientNorm",
    "initAdamW",
    "int32Tensor",
    "int64Tensor",
    "learningRateAt",
    "openDevice",
    "type AdamWSettings",
    "type AdamWState",
    "type Device",
    "type DeviceName",
    "type Dimension",
    "type ElementType",
    "type Executable",
    "type Graph",
    "type HostTensor",
    "type Node",
    "type PrimitiveAttributes",
    "type PrimitiveName",
    "type ScheduleSettings",
    "type Shape",
    "type TensorType",
    "type Tensors",
    "type Value",
    "updateAdamW",
  ],
  "src/public/index.ts": [
    "ADDITIVE_ANSWER",
    "ADDITIVE_RUBRIC",
    "AutodidactError",
    "DEFAULT_NOVELTY_THRESHOLD",
    "EXIT_CODES",
    "NoveltyIndex",
    "TOP_SCORE",
    "averageJudgements",
    "checkpointAuthor",
    "compareArms",
    "describeEnvironment",
    "embeddedModelHost",
    "embeddedTrainer",
    "endpointAuthor",
    "estimateInstruct",
    "expectedJudgement",
    "instructSettings",
    "instructSettingsSchema",
    "judgeItems",
    "loadRecipe",
    "mergeShards",
    "openEndpoint",
    "parseJudgement",
    "randomStream",
    "readReport",
    "rougeL",
    "runInstruct",
    "selfInstructTrainingSchema",
    "selfRewardingSchema",
    "startRun",
    "startSelfInstructTraining",
    "type ChatMessage",
    "type Completion",
    "type CompletionScore",
    "type DpoJob",
    "type DpoSettings",
    "type EndpointSettings",

    "type ErrorCode",
    "type ErrorDetails",
    "type EventListener",
    "type GenerateOptions",
    "type GenerationRequest",
    "type InstructOptions",
    "type InstructReport",
    "type InstructSettings",
    "type JudgeItem",
    "type JudgeSettings",
    "type Judgement",
    "type LanguageModel",
    "type MergedCandidate",
    "type MessagesRow",
    "type ModelHost",
    "type Neighbour",
    "type NoveltyDecision",
    "type Offer",
    "type OptimizationSettings",
    "type OptionsRequest",
    "type PreferenceRow",
    "type Prompt",
    "type PromptCompletionRow",
    "type RandomStream",
    "type Report",
    "type ReportPaths",
    "type RougeScore",
    "type RunEnvironment",
    "type RunEvent",
    "type RunReport",
    "type SamplingParameters",
    "type ScoreRequest",
    "type SelfInstructTrainingRecipe",
    "type SelfRewardingRecipe",
    "type SftJob",
    "type ShardCandidate",
    "type StartOptions",
    "type StepMetrics",
    "type SupervisedRow",
    "type Trainer",
    "type TrainingJob",
    "type TrainingReport",
    "type TrainingStartOptions",
    "unicodeTokens",
    "wordTokens",
    "writeReport",
  ],
  "src/public/testing.ts": [
    "manualClock",
    "scriptedLanguageModel",
    "type Clock",
    "type ManualClock",
    "type Script",
    "type ScriptedAnswer",
    "type ScriptedCall",
    "type ScriptedLanguageModel",
  ],
};

const entryPoints = sourceFiles("src/public");

test("every entry point of package.json has a list here", () => {
  const { exports } = JSON.parse(
    readFileSync(join(ROOT, "package.json"), "utf8"),
  ) as { exports: Record<string, { types: string; default: string }> };
  const sources = Object.values(exports).map(({ default: file }) =>
    file.replace("./dist/", "src/").replace(/\.js$/, ".ts"),
  );
  expect(sources.sort()).toEqual(Object.keys(PUBLISHED).sort());
  expect(entryPoints.map(({ path }) => path)).toEqual(sources);
});

describe.each(entryPoints)("$path", ({ path, syntax }) => {
  test("exports by name and holds no code of its own", () => {
    const other = syntax.statements.filter(
      (statement) => namesOf(statement) === undefined,
    );
    expect(other.map((statement) => statement.getText(syntax))).toEqual([]);
  });

  test("publishes the names listed here", () => {
    const names = syntax.statements.flatMap(
      (statement) => namesOf(statement) ?? [],
    );
    expect(names.sort()).toEqual(PUBLISHED[path]);
  });
});

/** Names of `export { a, type B } from "…"`, types marked; undefined for anything else. */
function namesOf(statement: ts.Statement): string[] | undefined {
  if (
    !ts.isExportDeclaration(statement) ||
    statement.exportClause === undefined ||
    !ts.isNamedExports(statement.exportClause)
  ) {
    return undefined;
  }
  return statement.exportClause.elements.map(
    ({ isTypeOnly, name }) =>
      `${isTypeOnly || statement.isTypeOnly ? "type " : ""}${name.text}`,
  );
}
