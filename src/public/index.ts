/**
 * @file `autodidact`: the three programs (the loop, Self-Instruct, Self-Instruct with
 * training), their parts and their contracts for use from a program.
 *
 * Semantic versioning covers the names listed here; what is not listed may change
 * from one release to the next. Graphs and devices are in `autodidact/engine`.
 */
export type {
  ChatMessage,
  MessagesRow,
  PreferenceRow,
  Prompt,
  PromptCompletionRow,
  SupervisedRow,
} from "../data/records.js";
export type { EventListener, RunEvent } from "../events/run-event.js";
export {
  AutodidactError,
  EXIT_CODES,
  type ErrorCode,
  type ErrorDetails,
} from "../foundation/error.js";
export { randomStream, type RandomStream } from "../foundation/random.js";
export { embeddedModelHost } from "../generation/embedded-model-host.js";
export type {
  Completion,
  CompletionScore,
  GenerateOptions,
  GenerationRequest,
  LanguageModel,
  ModelHost,
  OptionsRequest,
  SamplingParameters,
  ScoreRequest,
} from "../generation/language-model.js";
export {
  judgeItems,
  type JudgeItem,
  type JudgeSettings,
} from "../rewarding/judge.js";
export {
  averageJudgements,
  expectedJudgement,
  parseJudgement,
  TOP_SCORE,
  type Judgement,
} from "../rewarding/judgement.js";
export { ADDITIVE_ANSWER, ADDITIVE_RUBRIC } from "../rewarding/rubric.js";
export type { RunEnvironment } from "../ledger/run-record.js";
export {
  DEFAULT_NOVELTY_THRESHOLD,
  NoveltyIndex,
  type NoveltyDecision,
  type Offer,
} from "../novelty/novelty-index.js";
export type { Neighbour } from "../novelty/nearest-search.js";
export {
  mergeShards,
  type MergedCandidate,
  type ShardCandidate,
} from "../novelty/merge-shards.js";
export { describeEnvironment } from "../pipelines/run/environment.js";
export {
  checkpointAuthor,
  endpointAuthor,
} from "../pipelines/instruct/open-author.js";
export {
  estimateInstruct,
  runInstruct,
  type InstructOptions,
} from "../pipelines/instruct/run-instruct.js";
export {
  startSelfInstructTraining,
  type TrainingStartOptions,
} from "../pipelines/self-instruct/start.js";
export { compareArms } from "../pipelines/self-rewarding/arms/compare-arms.js";
export {
  startRun,
  type StartOptions,
} from "../pipelines/self-rewarding/start-run.js";
export {
  instructSettings,
  instructSettingsSchema,
  type InstructSettings,
} from "../recipes/instruct.js";
export { loadRecipe } from "../recipes/load-recipe.js";
export {
  selfInstructTrainingSchema,
  type SelfInstructTrainingRecipe,
} from "../recipes/self-instruct.js";
export {
  selfRewardingSchema,
  type SelfRewardingRecipe,
} from "../recipes/self-rewarding.js";
export {
  readReport,
  writeReport,
  type ReportPaths,
} from "../reporting/report-file.js";
export type { Report } from "../reporting/report-kinds.js";
export type { InstructReport } from "../reporting/instruct/schema.js";
export type { RunReport } from "../reporting/self-rewarding/schema.js";
export type { TrainingReport } from "../reporting/self-instruct/schema.js";
export { openEndpoint } from "../endpoints/endpoint.js";
export type { EndpointSettings } from "../endpoints/transport/endpoint-settings.js";
export { rougeL, type RougeScore } from "../text/rouge-l.js";
export { unicodeTokens } from "../text/unicode-tokens.js";
export { wordTokens } from "../text/word-tokens.js";
export { embeddedTrainer } from "../training/embedded-trainer.js";
export type {
  DpoJob,
  DpoSettings,
  OptimizationSettings,
  SftJob,
  StepMetrics,
  Trainer,
  TrainingJob,
} from "../training/trainer.js";
