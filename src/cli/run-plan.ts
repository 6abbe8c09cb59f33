/**
 * @file `autodidact run --plan`: what a recipe would do, for people and for programs.
 * Nothing is started, opened or written.
 */
import type {
  Bound,
  ExplainedStage,
} from "../pipelines/run/explained-stage.js";
import { count, counted } from "../text/number-words.js";
import type { ExplainedEngine } from "./engines/explained-engine.js";
import type { ExplainedOutside } from "./engines/explain-outside.js";

export interface RunPlan {
  readonly recipe: string;
  readonly kind: "self-rewarding" | "self-instruct";
  readonly folder: string;
  readonly seed: number;
  readonly base: string;
  /** Runs like this one that the recipe asks for: arms and seeds. */
  readonly runs: number;
  readonly engine: {
    readonly generate: ExplainedEngine;
    readonly train: ExplainedEngine;
  };
  /** Models that are no part of the run. */
  readonly outside: readonly ExplainedOutside[];
  readonly stages: readonly ExplainedStage[];
  /** Over all stages of one run, as far as they are known. */
  readonly totals: Pick<
    ExplainedStage,
    "answers" | "generatedTokens" | "steps" | "trainedTokens"
  >;
  /** Files and folders that the recipe names and that are not here. */
  readonly missing: readonly string[];
}

export function totalsOf(stages: readonly ExplainedStage[]): RunPlan["totals"] {
  const sum = (of: (stage: ExplainedStage) => Bound): number =>
    stages.reduce((total, stage) => total + (of(stage) ?? 0), 0);
  return {
    answers: sum(({ answers }) => answers),
    generatedTokens: sum(({ generatedTokens }) => generatedTokens),
    steps: sum(({ steps }) => steps),
    trainedTokens: sum(({ trainedTokens }) => trainedTokens),
  };
}

export function formatPlan(plan: RunPlan): string {
  const { engine, outside, stages, totals, missing } = plan;
  return [
    `${plan.recipe}, seed ${plan.seed}, from ${plan.base} into ${plan.folder}${plan.runs > 1 ? `, one of ${plan.runs} runs` : ""}. Nothing is started now.`,
    ["Generating", ...engineLines(engine.generate)].join("\n"),
    ["Training", ...engineLines(engine.train)].join("\n"),
    ...(outside.length === 0
      ? []
      : [["Endpoints", ...outside.map(({ does }) => `  ${does}`)].join("\n")]),
    stages
      .map((stage, i) => stageLines(stage, i + 1, engine).join("\n"))
      .join("\n"),
    `In all at most ${bounds(totals)}${missing.length === 0 ? "" : ", beside what hangs on files that are not here"}.`,
    ...(missing.length === 0
      ? []
      : [`Not on this machine: ${missing.join(", ")}.`]),
  ].join("\n\n");
}

function engineLines({ does, command, env }: ExplainedEngine): string[] {
  return [does, ...(command === null ? [] : [commandLine(command, env)])].map(
    (line) => `  ${line}`,
  );
}

/** As a shell would be given it. */
function commandLine(
  command: readonly string[],
  env: ExplainedEngine["env"],
): string {
  return [
    ...Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`),
    ...command.map(quoted),
  ].join(" ");
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", `'\\''`)}'`;
}

function stageLines(
  stage: ExplainedStage,
  number: number,
  engine: RunPlan["engine"],
): string[] {
  const { engine: half, answers, model, files } = stage;
  const who =
    half === null ? (answers === 0 ? null : model) : engine[half].kind;
  return [
    `${String(number).padStart(2)}. ${stage.stage}: ${stage.does}`,
    ...(who === null ? [] : [`by ${who}, at most ${bounds(stage)}`]),
    ...(files.length === 0 ? [] : [`leaves ${files.join(", ")}`]),
  ].map((line, i) => (i === 0 ? line : `      ${line}`));
}

/** What is not nothing. */
function bounds(
  amounts: Pick<
    ExplainedStage,
    "answers" | "generatedTokens" | "steps" | "trainedTokens"
  >,
): string {
  const said = [
    amount(amounts.answers, (n) => counted(n, "answer")),
    amount(amounts.generatedTokens, (n) => `${count(n)} tokens written`),
    amount(amounts.steps, (n) => counted(n, "training step")),
    amount(amounts.trainedTokens, (n) => `${count(n)} tokens trained on`),
  ].filter((part) => part !== null);
  return said.length === 0 ? "as much as its files hold" : said.join(", ");
}

function amount(bound: Bound, say: (bound: number) => string): string | null {
  return bound === null || bound === 0 ? null : say(bound);
}
