/**
 * @file The architecture in one table: the rooms of src, and which may import which.
 *
 * A room is a folder of src, or a folder inside one of `CUT`. Everything may import
 * `foundation`, a room may always import itself, and the table says the rest
 * exactly: an arrow that is missing here fails, and so does one that no file uses.
 * docs/architecture.md is made from it. To change a row is a decision: say why in
 * the commit.
 */

/** Folders whose own folders are rooms; files beside those are a room as well. */
export const CUT = [
  "engine",
  "checkpoints",
  "endpoints",
  "reporting",
  "pipelines",
  "dashboard",
] as const;

export interface Room {
  /** What is inside, for docs/architecture.md. */
  readonly holds: string;
  /** Rooms it imports, between spaces. */
  readonly imports: string;
}

/** From the ground up: a room imports rooms above it in this list only. */
export const ROOMS: Readonly<Record<string, Room>> = {
  foundation: {
    holds:
      "Errors, hashes, random streams, clocks, files, crash points; a closed list",
    imports: "",
  },
  text: {
    holds:
      "Comparing texts: tokenizers, ROUGE-L, nearness; words for numbers; marks of models",
    imports: "",
  },
  data: { holds: "The rows that training reads; file formats", imports: "" },
  launchers: {
    holds:
      "Where jobs run that do not run in this process: local, Slurm, Ray; jobs to their end",
    imports: "text",
  },
  "engine/tensor": {
    holds: "Element types, shapes, numbers in host memory",
    imports: "",
  },
  "engine/graph": {
    holds: "The primitive table and graphs made of primitives",
    imports: "engine/tensor",
  },
  "engine/autodiff": {
    holds: "Gradient rules; graph in, graph with gradients out",
    imports: "engine/graph engine/tensor",
  },
  "engine/optimizers": {
    holds: "AdamW, clipping, learning-rate schedules",
    imports: "",
  },
  "engine/onnx": {
    holds: "Primitives as ONNX operators; graphs as bytes",
    imports: "engine/graph engine/tensor",
  },
  "engine/runtime": {
    holds: "Sessions of ONNX Runtime; the only place that imports it",
    imports: "engine/graph engine/onnx engine/tensor",
  },
  "chat-template": {
    holds: "Chat templates and, in `jinja`, what runs them",
    imports: "data text",
  },
  "checkpoints/files": {
    holds: "Reading the files of a checkpoint folder: ordinary ones only",
    imports: "",
  },
  "checkpoints/config": {
    holds: "`config.json` as a checked configuration, family by family",
    imports: "checkpoints/files",
  },
  "checkpoints/weights": {
    holds: "safetensors files, one or many",
    imports: "checkpoints/config checkpoints/files",
  },
  "checkpoints/tokenizer": {
    holds: "`tokenizer.json` as a tokenizer",
    imports: "chat-template checkpoints/files data",
  },
  "checkpoints/hub": {
    holds: "Downloads from the Hugging Face Hub, and their cache",
    imports: "checkpoints/files checkpoints/weights",
  },
  checkpoints: {
    holds: "A checkpoint folder as a whole: read, written, tied to its hash",
    imports: `
      checkpoints/config checkpoints/files checkpoints/hub
      checkpoints/tokenizer checkpoints/weights`,
  },
  gguf: {
    holds: "A checkpoint as one GGUF file",
    imports: `
      checkpoints checkpoints/config checkpoints/files
      checkpoints/tokenizer checkpoints/weights`,
  },
  models: {
    holds:
      "The decoder as a graph, for training and for inference; packing; LoRA",
    imports: `
      checkpoints checkpoints/config checkpoints/tokenizer
      checkpoints/weights data engine/autodiff engine/graph engine/runtime
      engine/tensor`,
  },
  generation: {
    holds:
      "The `LanguageModel` contract; decoding, sampling and rewards in this process",
    imports: "checkpoints checkpoints/tokenizer data engine/runtime models",
  },
  training: {
    holds: "The `Trainer` contract; SFT, DPO and reward models; resuming",
    imports: `
      checkpoints checkpoints/tokenizer checkpoints/weights data
      engine/autodiff engine/graph engine/optimizers engine/runtime
      engine/tensor models`,
  },
  trl: {
    holds: "TRL in Python as a `Trainer`: its job, its command, its result",
    imports: `
      checkpoints checkpoints/weights launchers models text training`,
  },
  answers: {
    holds: "Answers that were paid for, kept and found again",
    imports: "data generation",
  },
  "endpoints/spending": {
    holds: "Prices, limits, what has been spent",
    imports: "text",
  },
  "endpoints/dialects": {
    holds:
      "What servers call things: tables of fields, endings, counts, refusals",
    imports: "",
  },
  "endpoints/transport": {
    holds: "One request to an endpoint: access, admission, retries, its answer",
    imports: "data generation endpoints/dialects endpoints/spending text",
  },
  endpoints: {
    holds: "OpenAI-compatible endpoints as a `LanguageModel`",
    imports: `
      answers data generation endpoints/dialects endpoints/spending
      endpoints/transport text`,
  },
  vllm: {
    holds: "vLLM servers, started and ended, as a `ModelHost`",
    imports: `
      checkpoints endpoints/transport generation launchers models text`,
  },
  novelty: { holds: "The index that finds near-copies", imports: "text" },
  rewarding: {
    holds: "The method of Self-Rewarding: rubric, judgements, rewards",
    imports: "data generation novelty text",
  },
  instruct: {
    holds:
      "The method of Self-Instruct: language packs, prompts, parsers, pool, data report",
    imports: "data generation novelty text",
  },
  nursery: {
    holds: "The world, its verifier, its raw text, pre-training of M0",
    imports: `
      checkpoints checkpoints/config checkpoints/tokenizer data
      engine/optimizers engine/runtime models training`,
  },
  evaluation: {
    holds:
      "Measuring a model: sets, verifiers, figures, judge metrics, warnings, gate, stop rule",
    imports: "data generation nursery rewarding text",
  },
  "constrained-prompts": {
    holds: "Prompts whose answers a program can check, made from subjects",
    imports: "data novelty rewarding",
  },
  ledger: {
    holds: "The run's database: stages, records, answers",
    imports: "answers",
  },
  events: { holds: "What a run tells its listeners", imports: "training" },
  recipes: {
    holds: "The schemas of the three recipes and the strict reader",
    imports: "evaluation instruct launchers rewarding endpoints/transport text",
  },
  "reporting/html": {
    holds: "The document, its charts and its style",
    imports: "evaluation text",
  },
  "reporting/schema": {
    holds: "What the forms of several reports share, and what stages took",
    imports: "reporting/html text",
  },
  "reporting/self-rewarding": {
    holds: "The loop's report: form, page, terminal summary",
    imports: "evaluation reporting/html reporting/schema text",
  },
  "reporting/instruct": {
    holds: "The same of a data set by Self-Instruct",
    imports: "instruct recipes reporting/html reporting/schema text",
  },
  "reporting/self-instruct": {
    holds: "The same of Self-Instruct with training",
    imports:
      "evaluation reporting/html reporting/instruct reporting/schema text",
  },
  reporting: {
    holds: "The kinds of report in one table; `report.json` and `report.html`",
    imports:
      "reporting/instruct reporting/self-rewarding reporting/self-instruct",
  },
  "pipelines/run": {
    holds: "What every run has: folder, ledger, stages, models",
    imports: `
      answers checkpoints checkpoints/hub checkpoints/weights data endpoints
      endpoints/spending endpoints/transport evaluation events generation
      instruct ledger text training`,
  },
  "pipelines/stages": {
    holds: "One step each over plain files: what the commands do",
    imports: `
      answers checkpoints checkpoints/hub checkpoints/tokenizer
      checkpoints/weights data evaluation generation gguf ledger models novelty pipelines/run
      rewarding text training`,
  },
  "pipelines/nursery": {
    holds: "Building the world's data and its base model",
    imports: "engine/runtime generation ledger nursery pipelines/run training",
  },
  "pipelines/self-rewarding": {
    holds: "The loop, put together",
    imports: `
      answers checkpoints data endpoints/spending evaluation generation ledger models
      pipelines/run recipes reporting reporting/self-rewarding rewarding text training`,
  },
  "pipelines/instruct-stages": {
    holds:
      "The stages that make a data set, in either program of Self-Instruct",
    imports: `
      answers data generation instruct ledger pipelines/run recipes
      reporting reporting/instruct reporting/schema endpoints
      endpoints/spending endpoints/transport text`,
  },
  "pipelines/instruct": {
    holds: "Self-Instruct, put together",
    imports: `
      answers checkpoints checkpoints/hub events generation instruct ledger
      pipelines/instruct-stages pipelines/run recipes reporting/instruct
      endpoints/spending endpoints/transport text`,
  },
  "pipelines/self-instruct": {
    holds: "Self-Instruct with training, put together",
    imports: `
      answers checkpoints/hub data evaluation generation instruct ledger
      pipelines/instruct-stages pipelines/run recipes reporting
      reporting/instruct
      reporting/self-instruct text training`,
  },
  "pipelines/run-status": {
    holds: "What state a run folder is in",
    imports: "ledger pipelines/run reporting reporting/self-rewarding",
  },
  http: {
    holds: "What every server of ours has: its address, its names, its secrets",
    imports: "",
  },
  server: {
    holds: "The embedded engine behind OpenAI's API, over HTTP",
    imports: "checkpoints checkpoints/tokenizer data generation http models",
  },
  interop: {
    holds: "A run as files of other tools: Inspect, TensorBoard, Parquet",
    imports: "data evaluation ledger",
  },
  "dashboard/api": {
    holds: "What the dashboard's page and its server say to each other",
    imports: "text",
  },
  "dashboard/rows": {
    holds:
      "Rows of a run: pages, orders, filters, search, lineage, held-out prompts",
    imports: "dashboard/api evaluation instruct ledger models",
  },
  "dashboard/runs": {
    holds: "Run folders by their names, and what state each run is in",
    imports: `
      dashboard/api evaluation ledger pipelines/run pipelines/run-status reporting text`,
  },
  "dashboard/live": {
    holds: "What is new of a run, as it becomes so",
    imports: "dashboard/api dashboard/runs events ledger text",
  },
  "dashboard/review": {
    holds: "Verdicts of people on pairs and rows, and what comes of them",
    imports: "dashboard/api data evaluation ledger rewarding",
  },
  dashboard: {
    holds: "The dashboard's server: routes, doors, the page's files",
    imports:
      "dashboard/api dashboard/live dashboard/review dashboard/rows dashboard/runs http ledger pipelines/run text",
  },
  "dashboard/page": {
    holds: "The page as the browser runs it: no file, no Node",
    imports: "dashboard/api",
  },
  cli: {
    holds: "Commands, progress, exit codes",
    imports: `
      answers checkpoints constrained-prompts dashboard dashboard/api
      dashboard/review engine/runtime evaluation
      events generation http instruct interop launchers ledger novelty nursery
      pipelines/instruct-stages
      pipelines/nursery pipelines/run pipelines/run-status
      pipelines/instruct pipelines/self-instruct
      pipelines/self-rewarding
      pipelines/stages recipes reporting reporting/instruct reporting/schema
      rewarding launchers server endpoints endpoints/spending
      endpoints/transport text training trl vllm`,
  },
  public: {
    holds: "The published entry points, names only",
    imports: `
      data engine/autodiff engine/graph engine/onnx engine/optimizers
      engine/runtime engine/tensor events generation ledger novelty
      pipelines/run pipelines/instruct pipelines/self-instruct
      pipelines/self-rewarding recipes reporting reporting/instruct
      reporting/self-rewarding reporting/self-instruct rewarding endpoints endpoints/transport
      text training`,
  },
};

/** What pipelines are made of; no pipeline imports another room of pipelines. */
export const SHARED_PIPELINES: readonly string[] = [
  "pipelines/run",
  "pipelines/instruct-stages",
];

/** Packages that only these rooms know, so that they can be replaced there. */
export const PACKAGE_OWNERS: Readonly<Record<string, readonly string[]>> = {
  "@hono/node-server": ["http"],
  "@huggingface/hub": ["checkpoints/hub"],
  "@huggingface/jinja": ["chat-template"],
  "@tanstack/virtual-core": ["dashboard/page"],
  tokenizers: ["checkpoints/tokenizer"],
  "cli-progress": ["cli"],
  commander: ["cli"],
  compromise: ["instruct"],
  "fastest-levenshtein": ["text"],
  hono: ["dashboard", "server"],
  hyparquet: ["data"],
  "hyparquet-writer": ["data"],
  libsql: ["ledger"],
  "onnxruntime-node": ["engine/runtime"],
  preact: ["dashboard/page"],
  protobufjs: ["engine/onnx", "interop"],
  undici: ["endpoints/transport"],
  uplot: ["dashboard/page"],
};

/** Only src/cli talks to the terminal and decides how the process ends. */
export const TERMINAL_OWNER = "cli";

/** The one file outside the command line that ends the process: on purpose, in crash tests. */
export const KILLS_ON_PURPOSE = "src/foundation/crash-point.ts";

/** `foundation` is a closed list: it holds what every layer needs and nothing else. */
export const FOUNDATION = [
  "clock.ts",
  "crash-point.ts",
  "defined.ts",
  "error.ts",
  "hash.ts",
  "json-lines.ts",
  "random.ts",
  "statistics.ts",
  "storage.ts",
] as const;

/** Folder names that say nothing about what is inside. */
export const EMPTY_NAMES = [
  "utils",
  "util",
  "helpers",
  "helper",
  "common",
  "misc",
  "lib",
  "shared",
  "core",
] as const;

/** Size budgets in lines. The lint rules hold the maxima; these hold the habit. */
export const BUDGETS = {
  medianFile: 110,
  p90Function: 32,
  /** All of src but its tests. Who adds more than is free here takes something away. */
  total: 97_800,
} as const;
