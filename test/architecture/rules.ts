/**
 * @file The architecture in one table: which folder may import which, and why.
 *
 * Everything may import `foundation`; a folder may always import itself; what is
 * not listed is forbidden. To change a row is a decision: write it down in
 * docs/decisions/.
 */

/** The numeric engine as the layers above see it. */
const ENGINE = [
  "engine/tensor",
  "engine/graph",
  "engine/autodiff",
  "engine/optimizers",
  "engine/onnx",
  "engine/runtime",
] as const;

/** What a model is made of. */
const MODEL = [...ENGINE, "checkpoints", "models"] as const;

/** The shapes of what flows through a run. */
const DATA = ["data", "text"] as const;

/** The two methods' parts: each knows models and data, none knows a run. */
const METHODS = [
  ...MODEL,
  ...DATA,
  "novelty",
  "generation",
  "serving",
  "training",
  "judging",
  "instruct",
  "nursery",
] as const;

/** What a run leaves behind. */
const RECORD = ["ledger", "events", "evaluation", "reporting"] as const;

export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  foundation: [],

  // The numeric engine: tensors and graphs, nothing of language or runs.
  "engine/tensor": [],
  "engine/graph": ["engine/tensor"],
  "engine/autodiff": ["engine/tensor", "engine/graph"],
  "engine/optimizers": ["engine/tensor", "engine/graph"],
  "engine/onnx": ["engine/tensor", "engine/graph"],
  "engine/runtime": ["engine/tensor", "engine/graph", "engine/onnx"],

  // Words, rows and files, nothing of models that run.
  text: [],
  data: ["text"],
  checkpoints: [...DATA],
  novelty: [...DATA],

  // A model as graphs; from here on the engine is used, not built.
  models: [...ENGINE, ...DATA, "checkpoints"],

  // One method each. `generation` owns the LanguageModel contract that serving
  // fulfils and judging and instruct use.
  generation: [...MODEL, ...DATA],
  training: [...MODEL, ...DATA],
  serving: [...DATA, "generation"],
  judging: [...DATA, "generation"],
  instruct: [...DATA, "novelty", "generation"],
  nursery: [...MODEL, ...DATA, "training"],

  // What happened: records and events know rows and metrics, not how they came.
  ledger: [...DATA],
  events: ["training"],
  evaluation: [
    ...DATA,
    "novelty",
    "generation",
    "judging",
    "nursery",
    "events",
  ],
  reporting: [...DATA, "evaluation", "events", "ledger"],

  // Programs made of all of the above. Only these and the surfaces know recipes:
  // the parts get plain parameters.
  recipes: [...METHODS, "evaluation"],
  pipelines: [...METHODS, ...RECORD, "recipes"],

  // Surfaces.
  cli: [...METHODS, ...RECORD, "recipes", "pipelines", "dashboard"],
  dashboard: ["data", "ledger", "events", "evaluation", "reporting"],
  public: [...METHODS, ...RECORD, "recipes", "pipelines"],
};

/** Packages that only one place may know, so that they can be replaced there. */
export const PACKAGE_OWNERS: Readonly<Record<string, readonly string[]>> = {
  "onnxruntime-node": ["engine/runtime"],
  protobufjs: ["engine/onnx"],
  libsql: ["ledger", "serving"],
  "@huggingface/tokenizers": ["checkpoints"],
  "@huggingface/jinja": ["checkpoints", "text"],
  openai: ["serving"],
  undici: ["serving"],
  commander: ["cli"],
  "cli-progress": ["cli"],
};

/** Only src/cli talks to the terminal and decides how the process ends. */
export const TERMINAL_OWNER = "cli";

/** The one file outside the command line that ends the process: on purpose, in crash tests. */
export const KILLS_ON_PURPOSE = "src/foundation/crash-point.ts";

/** `foundation` is a closed list: it holds what every layer needs and nothing else. */
export const FOUNDATION = [
  "clock.ts",
  "crash-point.ts",
  "error.ts",
  "hash.ts",
  "json-lines.ts",
  "random.ts",
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
export const BUDGETS = { medianFile: 140, p90Function: 40 } as const;
