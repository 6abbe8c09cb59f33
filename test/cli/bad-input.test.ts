/**
 * @file What a user can get wrong, one row each: the real binary says it in one
 * sentence that names the file and the remedy, ends with the documented code, and
 * leaves everything as it was.
 */
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EXIT_CODES, type ErrorCode } from "../../src/foundation/error.js";
import { autodidact, ROOT } from "./program.js";
import {
  M0,
  onFullDisk,
  TINY,
  unprivileged,
  workFolder,
  type WorkFolder,
} from "./stage-files.js";

interface BadInput {
  readonly what: string;
  readonly code: ErrorCode;
  /** Makes the files and gives the command line. */
  readonly line: (work: WorkFolder) => readonly string[];
  /** All of standard error, the work folder written as `WORK`. */
  readonly says: RegExp;
  /** No network is asked, and the cache of the Hub is an empty folder. */
  readonly offline?: true;
}

const TEMPLATE_THAT_THROWS = "{{ raise_exception('No, thank you.') }}";
const LLAMA3 = join(ROOT, "test/fixtures/checkpoints/llama3");
const PROMPT = { prompt: "The cat" };
const COMPLETION = { prompt: "The cat", completion: " sat" };
const PAIR = { prompt: "The cat", chosen: " sat", rejected: " ran" };
const CHAT = {
  prompt: [{ role: "user", content: "Hello?" }],
  completion: [{ role: "assistant", content: "Hello." }],
};

function generate(model: string): readonly string[] {
  return ["generate", "--model", model, "--prompt", "The cat"];
}

function score(work: WorkFolder, model: string, row: unknown = COMPLETION) {
  const data = work.write("data.jsonl", [row]);
  return ["score", "--model", model, "--data", data, "--out", work.at("out")];
}

function train(
  work: WorkFolder,
  method: "sft" | "dpo",
  given: { readonly model?: string; readonly rows?: readonly unknown[] } = {},
): readonly string[] {
  const rows = given.rows ?? [method === "sft" ? COMPLETION : PAIR];
  const data = work.write("data.jsonl", rows);
  const model = given.model ?? TINY;
  const metrics = work.at("steps.jsonl");
  return [
    ...["train", method, "--model", model, "--data", data],
    ...["--out", work.at("out"), "--metrics", metrics],
  ];
}

function exportModel(
  work: WorkFolder,
  model: string,
  format: string,
  ...more: readonly string[]
): readonly string[] {
  const to = ["--format", format, "--out", work.at("exported")];
  return ["export", "--model", model, ...to, ...more];
}

function editJson(
  path: string,
  change: (content: Record<string, unknown>) => void,
): string {
  const content = JSON.parse(readFileSync(path, "utf8")) as Record<
    string,
    unknown
  >;
  change(content);
  return JSON.stringify(content);
}

const CHECKPOINTS: readonly BadInput[] = [
  {
    what: "a path that is neither a folder nor a Hub id",
    code: "BAD_CHECKPOINT",
    line: () => generate("no-such-model"),
    says: /^no-such-model is neither a folder nor a Hub id\. Give the path/,
  },
  {
    what: "a model path that is a file",
    code: "BAD_CHECKPOINT",
    line: (work) => generate(work.write("model", "weights")),
    says: /^WORK\/model is a file, not a model\. Give the path of a checkpoint folder/,
  },
  {
    what: "a Hub id that is not in the cache, offline",
    code: "BAD_CHECKPOINT",
    offline: true,
    line: () => generate("nobody/nothing"),
    says: /^nobody\/nothing at revision main is not in the cache WORK\/hub\/hub, and offline mode is on\. Run once without HF_HUB_OFFLINE, or give a local folder\.$/,
  },
  {
    what: "a chat template that always throws",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      const model = work.copyModel(TINY);
      work.write("model/chat_template.jinja", TEMPLATE_THAT_THROWS);
      return train(work, "sft", { model, rows: [CHAT] });
    },
    says: /^The chat template in WORK\/model\/chat_template\.jinja refused the conversation: No, thank you\./,
  },
  {
    what: "a folder without a checkpoint",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      mkdirSync(work.at("model"));
      return generate(work.at("model"));
    },
    says: /^WORK\/model is not a checkpoint: WORK\/model\/config\.json cannot be read\. Name a folder with config\.json/,
  },
  {
    what: "a truncated weight file",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      const path = join(work.copyModel(TINY), "model.safetensors");
      truncateSync(path, statSync(path).size - 100);
      return generate(work.at("model"));
    },
    says: /^WORK\/model\/model\.safetensors is cut short/,
  },
  {
    what: "a truncated shard",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      const model = work.copyModel(LLAMA3);
      truncateSync(join(model, "model-00002-of-00003.safetensors"), 999);
      return score(work, model);
    },
    says: /^WORK\/model\/model-00002-of-00003\.safetensors is cut short/,
  },
  {
    what: "a truncated shard, to export",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      const model = work.copyModel(LLAMA3);
      truncateSync(join(model, "model-00002-of-00003.safetensors"), 999);
      return exportModel(work, model, "gguf");
    },
    says: /^WORK\/model\/model-00002-of-00003\.safetensors is cut short/,
  },
  {
    what: "a weight that is not a number, to export",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      const model = work.copyModel(TINY);
      const bytes = readFileSync(join(model, "model.safetensors"));
      bytes.writeFloatLE(Number.NaN, bytes.byteLength - 4);
      work.write("model/model.safetensors", bytes);
      return exportModel(work, model, "safetensors", "--precision", "bf16");
    },
    says: /^WORK\/model\/model\.safetensors: tensor "model\.norm\.weight" holds NaN/,
  },
  {
    what: "a model that llama.cpp would compute differently",
    code: "BAD_CHECKPOINT",
    line: (work) =>
      exportModel(
        work,
        join(LLAMA3, "../gemma2"),
        "gguf",
        "--precision",
        "f16",
      ),
    says: /gemma2 cannot be exported to GGUF: model_type "gemma2" is not covered/,
  },
  {
    what: "weights that are no safetensors file",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      const model = work.copyModel(TINY);
      work.write("model/model.safetensors", "x".repeat(5000));
      return generate(model);
    },
    says: /^WORK\/model\/model\.safetensors /,
  },
  {
    what: "the tokenizer of another model",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      const model = work.copyModel(TINY);
      for (const name of ["tokenizer.json", "tokenizer_config.json"])
        work.write(`model/${name}`, readFileSync(join(M0, name)));
      return generate(model);
    },
    says: /^WORK\/model has the wrong tokenizer: it makes token ids up to \d+, the model knows 358 tokens\. Use the tokenizer/,
  },
  {
    what: "a tokenizer.json of another model than its settings",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      const model = work.copyModel(TINY);
      const other = readFileSync(join(M0, "tokenizer.json"));
      work.write("model/tokenizer.json", other);
      return generate(model);
    },
    says: /^WORK\/model\/tokenizer\.json cannot be used: it has no token "\S+", which tokenizer_config\.json names as bos_token/,
  },
  {
    what: "no tokenizer",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      const model = work.copyModel(TINY);
      rmSync(join(model, "tokenizer.json"));
      return train(work, "sft", { model });
    },
    says: /^WORK\/model has no tokenizer\.json\. Copy the model's tokenizer/,
  },
  {
    what: "a weight that is not a number",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      const model = work.copyModel(TINY);
      const path = join(model, "model.safetensors");
      const bytes = readFileSync(path);
      bytes.writeFloatLE(Number.NaN, bytes.byteLength - 4);
      work.write("model/model.safetensors", bytes);
      return score(work, model);
    },
    says: /^WORK\/model\/model\.safetensors: tensor "model\.norm\.weight" holds NaN/,
  },
  {
    what: "a weight that is not a number, when training",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      const model = work.copyModel(TINY);
      const bytes = readFileSync(join(model, "model.safetensors"));
      bytes.writeFloatLE(Number.NaN, bytes.byteLength - 4);
      work.write("model/model.safetensors", bytes);
      return train(work, "dpo", { model });
    },
    says: /^WORK\/model\/model\.safetensors: tensor "model\.norm\.weight" holds NaN/,
  },
  {
    what: "a config that lies about a width",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      const model = work.copyModel(TINY);
      const config = join(model, "config.json");
      work.write(
        "model/config.json",
        editJson(config, (c) => (c["intermediate_size"] = 64)),
      );
      return train(work, "dpo", { model });
    },
    says: /^WORK\/model: tensor "model\.layers\.0\.mlp\.gate_proj\.weight" has shape \[48, 32\], config\.json asks for \[64, 32\]/,
  },
  {
    what: "an architecture that is not supported",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      const model = work.copyModel(TINY);
      const config = join(model, "config.json");
      work.write(
        "model/config.json",
        editJson(config, (c) => (c["model_type"] = "bloom")),
      );
      return generate(model);
    },
    says: /^WORK\/model\/config\.json .*model_type "bloom", which is not supported/,
  },
  {
    what: "a chat template that throws",
    code: "BAD_CHECKPOINT",
    line: (work) =>
      score(work, TINY, {
        ...CHAT,
        // The tiny Llama's template insists that user and assistant take turns.
        prompt: [...CHAT.prompt, ...CHAT.prompt],
      }),
    says: /chat_template\.jinja .*Conversation roles must alternate/,
  },
  {
    what: "a conversation for a model without a chat template",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      const model = work.copyModel(TINY);
      rmSync(join(model, "chat_template.jinja"));
      return [...generate(model), "--chat"];
    },
    says: /^WORK\/model has no chat template, and a conversation was given\. Give plain text/,
  },
];

const EMPTY = ["score", "train sft", "train dpo", "judge", "pairs", "evaluate"];

const ROWS: readonly BadInput[] = [
  ...EMPTY.map((command): BadInput => ({
    what: `an empty data file for ${command}`,
    code: "BAD_INPUT",
    line: (work) => [
      ...command.split(" "),
      ...(command === "pairs" ? [] : ["--model", TINY]),
      ...["--data", work.write("empty.jsonl", "\n")],
      ...(command === "evaluate" ? [] : ["--out", work.at("out")]),
    ],
    says: /^WORK\/empty\.jsonl has no rows\. Give a file with at least one row of .*such as \{"/,
  })),
  {
    what: "an empty prompt file",
    code: "BAD_INPUT",
    line: (work) => [
      ...["generate", "--model", TINY],
      ...["--prompts", work.write("empty.jsonl", "")],
    ],
    says: /^WORK\/empty\.jsonl has no rows\./,
  },
  {
    what: "a data file that is not there",
    code: "BAD_INPUT",
    line: (work) => [
      ...["pairs", "--data", work.at("gone.jsonl")],
      ...["--out", work.at("out")],
    ],
    says: /^Cannot read WORK\/gone\.jsonl: ENOENT.*Check the path\.$/,
  },
  {
    what: "a line that is not JSON",
    code: "BAD_INPUT",
    line: (work) => {
      const data = work.write(
        "data.jsonl",
        `${JSON.stringify(COMPLETION)}\n{"prompt": "x", \n`,
      );
      return [
        ...["train", "sft", "--model", TINY, "--data", data],
        ...["--out", work.at("out")],
      ];
    },
    says: /^WORK\/data\.jsonl, line 2: is not JSON: .*Each line must be one complete JSON value/,
  },
  {
    what: "a training row without its completion",
    code: "BAD_INPUT",
    line: (work) => train(work, "sft", { rows: [COMPLETION, PROMPT] }),
    says: /^WORK\/data\.jsonl, line 2: the field “completion” is missing\. A row of supervised training data looks like/,
  },
  {
    what: "a preference row without its rejected side",
    code: "BAD_INPUT",
    line: (work) =>
      train(work, "dpo", { rows: [PAIR, { prompt: "x", chosen: "y" }] }),
    says: /^WORK\/data\.jsonl, line 2: the field “rejected” is missing\. A row of preference data looks like/,
  },
  {
    what: "a row that mixes text and messages",
    code: "BAD_INPUT",
    line: (work) =>
      train(work, "sft", { rows: [{ ...CHAT, completion: "Hello." }] }),
    says: /^WORK\/data\.jsonl, line 1: the field “completion” is text: it must be a list of messages, as “prompt” is\./,
  },
  {
    what: "a message of a role that nobody has",
    code: "BAD_INPUT",
    line: (work) =>
      train(work, "sft", {
        rows: [{ messages: [{ role: "narrator", content: "x" }] }],
      }),
    says: /line 1: the field “messages\[0\]\.role” is text: it must be system, developer, user, assistant or tool\./,
  },
  {
    what: "a prompt longer than the model",
    code: "BAD_INPUT",
    line: (work) => [
      ...["generate", "--model", TINY, "--prompts"],
      work.write("prompts.jsonl", [PROMPT, { prompt: "cat ".repeat(200) }]),
    ],
    says: /^WORK\/prompts\.jsonl, line 2: the row has \d+ tokens and 1 more are asked for, but this model handles 1 to 128 in all\. Shorten or remove it, or lower --max-tokens\.$/,
  },
  {
    what: "a completion longer than the model",
    code: "BAD_INPUT",
    line: (work) =>
      score(work, TINY, { prompt: "x", completion: "cat ".repeat(200) }),
    says: /^WORK\/data\.jsonl, line 1: the row has \d+ tokens, but this model handles 1 to 128 in all\./,
  },
  {
    what: "a score that is no number",
    code: "BAD_INPUT",
    line: (work) => [
      "pairs",
      "--data",
      work.write("data.jsonl", [
        { prompt: "x", response: "a", score: 4 },
        { prompt: "x", response: "b", score: "5" },
      ]),
      ...["--out", work.at("out")],
    ],
    says: /^WORK\/data\.jsonl, line 2: the field “score” is text: it must be a number, or null for none\./,
  },
  {
    what: "a judge's template without the response",
    code: "BAD_INPUT",
    line: (work) => [
      ...["judge", "--model", TINY, "--out", work.at("out")],
      ...["--data", work.write("d.jsonl", [{ prompt: "x", response: "y" }])],
      ...["--judge-template", work.write("rate.txt", "Rate {prompt}.")],
    ],
    says: /^The judge's template WORK\/rate\.txt has no \{response\}\. Write \{response\} where it belongs/,
  },
  {
    what: "a held-out prompt the verifier cannot read",
    code: "BAD_INPUT",
    line: (work) => [
      ...["evaluate", "--model", M0, "--verifier", "nursery", "--data"],
      work.write("held.jsonl", [{ prompt: "write a sonnet" }]),
    ],
    says: /^WORK\/held\.jsonl: the verifier nursery cannot read 1 of the prompts, the first being “write a sonnet”\. Say in each row what a right answer is/,
  },
  {
    what: "preference pairs exported as answers",
    code: "BAD_INPUT",
    line: (work) => [
      ...["export", "--data", work.write("pairs.jsonl", [PAIR])],
      ...["--format", "alpaca", "--out", work.at("out.json")],
    ],
    says: /^WORK\/pairs\.jsonl holds preference pairs, which the format alpaca cannot hold\. Choose dpo or parquet\.$/,
  },
  {
    what: "a conversation without an answer, exported as prompt and completion",
    code: "BAD_INPUT",
    line: (work) => [
      "export",
      "--data",
      work.write("chat.jsonl", [{ messages: CHAT.prompt }]),
      ...["--format", "prompt-completion", "--out", work.at("out.jsonl")],
    ],
    says: /^WORK\/chat\.jsonl, line 1: the conversation is not one that the format can hold/,
  },
];

const PLACES: readonly BadInput[] = [
  {
    what: "an output file that is the input",
    code: "USAGE",
    line: (work) => {
      const data = work.write("d.jsonl", [COMPLETION]);
      return ["score", "--model", TINY, "--data", data, "--out", data];
    },
    says: /^WORK\/d\.jsonl is to be written and is also named for something else/,
  },
  {
    what: "an output file that is a folder",
    code: "STORAGE",
    line: (work) => {
      mkdirSync(work.at("out"));
      return score(work, TINY);
    },
    says: /^WORK\/out is a folder, a file was expected\./,
  },
  {
    what: "an output inside a file",
    code: "STORAGE",
    line: (work) => {
      work.write("file", "x");
      return [...score(work, TINY).slice(0, -1), work.at("file/inside/out")];
    },
    says: /^Cannot write WORK\/file\/inside\/out \(ENOTDIR\)\. Part of the path is a file/,
  },
  {
    what: "a checkpoint folder that is a file",
    code: "STORAGE",
    line: (work) => {
      work.write("out", "precious");
      return train(work, "sft");
    },
    says: /^Cannot write WORK\/out \(ENOTDIR\)\. Part of the path is a file/,
  },
  {
    what: "a folder with something in it, for a model to export",
    code: "STORAGE",
    line: (work) => {
      work.write("exported/thesis.txt", "precious");
      return exportModel(work, TINY, "safetensors");
    },
    says: /^WORK\/exported is not empty \(thesis\.txt\), and the result would be mixed with it\. Give --out a new folder\.$/,
  },
  {
    what: "a checkpoint folder with other things in it",
    code: "STORAGE",
    line: (work) => {
      work.write("out/thesis.txt", "precious");
      return train(work, "sft");
    },
    says: /^WORK\/out holds files that no training made \(thesis\.txt\), and the result would replace them\. Give --out a new folder\.$/,
  },
  {
    what: "a checkpoint folder with a base model in it",
    code: "STORAGE",
    line: (work) => {
      work.copyModel(M0, "out");
      return train(work, "sft");
    },
    says: /^WORK\/out holds files that no training made \(\S+, .*Give --out a new folder\.$/,
  },
  {
    what: "a run folder with other things in it",
    code: "STORAGE",
    line: (work) => {
      work.write("run/thesis.txt", "precious");
      return [
        ...["run", recipe(work, (text) => text)],
        ...["--run-dir", work.at("run")],
      ];
    },
    says: /^WORK\/run holds files that no run made \(thesis\.txt\)\. Give --run-dir a new folder/,
  },
  {
    what: "a checkpoint folder that is the model",
    code: "USAGE",
    line: (work) => train(work, "dpo", { model: work.copyModel(TINY, "out") }),
    says: /^WORK\/out is the model that is read; the result would replace it\./,
  },
];

const RUN_RECIPE = readFileSync(join(ROOT, "recipes/nursery.yaml"), "utf8");

/** The nursery's recipe with files of the work folder and one line more or else. */
function recipe(work: WorkFolder, change: (text: string) => string): string {
  const absolute = RUN_RECIPE.replaceAll("../nursery", join(ROOT, "nursery"));
  return work.write("recipe.yaml", change(absolute));
}

/** A run of the nursery's recipe on another base: what `spoil` leaves at `WORK/model`. */
function runOn(
  work: WorkFolder,
  spoil: (model: string) => void,
  from = TINY,
): readonly string[] {
  const model = work.copyModel(from);
  spoil(model);
  const path = recipe(work, (text) =>
    text.replace(/base: .*/, "base: ./model"),
  );
  return ["run", path, "--run-dir", work.at("run")];
}

const BASES: readonly BadInput[] = [
  {
    what: "a truncated shard",
    code: "BAD_CHECKPOINT",
    line: (work) =>
      runOn(
        work,
        (model) => {
          truncateSync(join(model, "model-00002-of-00003.safetensors"), 999);
        },
        LLAMA3,
      ),
    says: /^WORK\/model\/model-00002-of-00003\.safetensors is cut short/,
  },
  {
    what: "a shape that its config does not have",
    code: "BAD_CHECKPOINT",
    line: (work) =>
      runOn(work, (model) => {
        const config = join(model, "config.json");
        const lie = editJson(config, (c) => (c["intermediate_size"] = 64));
        work.write("model/config.json", lie);
      }),
    says: /^WORK\/model: tensor "model\.layers\.0\.mlp\.gate_proj\.weight" has shape \[48, 32\], config\.json asks for \[64, 32\]/,
  },
  {
    what: "a config that promises a layer more",
    code: "BAD_CHECKPOINT",
    line: (work) =>
      runOn(work, (model) => {
        const config = join(model, "config.json");
        const lie = editJson(config, (c) => (c["num_hidden_layers"] = 3));
        work.write("model/config.json", lie);
      }),
    says: /^WORK\/model: config\.json promises tensor "model\.layers\.2\./,
  },
  {
    what: "no tokenizer",
    code: "BAD_CHECKPOINT",
    line: (work) =>
      runOn(work, (model) => {
        rmSync(join(model, "tokenizer.json"));
      }),
    says: /^WORK\/model has no tokenizer\.json\. Copy the model's tokenizer/,
  },
  {
    what: "a weight that is not a number",
    code: "BAD_CHECKPOINT",
    line: (work) =>
      runOn(work, (model) => {
        const bytes = readFileSync(join(model, "model.safetensors"));
        bytes.writeFloatLE(Number.NaN, bytes.byteLength - 4);
        work.write("model/model.safetensors", bytes);
      }),
    says: /^WORK\/model\/model\.safetensors: tensor "model\.norm\.weight" holds NaN/,
  },
  {
    what: "a chat template that throws",
    code: "BAD_CHECKPOINT",
    line: (work) =>
      runOn(work, () => {
        work.write("model/chat_template.jinja", TEMPLATE_THAT_THROWS);
      }),
    says: /^The chat template in WORK\/model\/chat_template\.jinja refused the conversation: No, thank you\..* mend the template\.$/,
  },
  {
    what: "a path that is a file",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      work.write("model", "weights");
      const path = recipe(work, (text) =>
        text.replace(/base: .*/, "base: ./model"),
      );
      return ["run", path, "--run-dir", work.at("run")];
    },
    says: /^WORK\/model is a file, not a model\. Give the path of a checkpoint folder/,
  },
];

/** What a run finds out about its base before it makes its folder, for each kind of run. */
const OTHER_RUNS: readonly BadInput[] = [
  {
    what: "a truncated shard, as base of a recipe of kind self-instruct",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      const model = work.copyModel(LLAMA3);
      truncateSync(join(model, "model-00002-of-00003.safetensors"), 999);
      const path = work.write(
        "recipe.yaml",
        readFileSync(join(ROOT, "recipes/nursery-self-instruct.yaml"), "utf8")
          .replaceAll("../nursery", join(ROOT, "nursery"))
          .replace(/^base: .*/m, "base: ./model"),
      );
      return ["run", path, "--seed", "1", "--run-dir", work.at("run")];
    },
    says: /^WORK\/model\/model-00002-of-00003\.safetensors is cut short/,
  },
  {
    what: "a truncated shard, for instruct",
    code: "BAD_CHECKPOINT",
    line: (work) => {
      const model = work.copyModel(LLAMA3);
      truncateSync(join(model, "model-00002-of-00003.safetensors"), 999);
      return ["instruct", "--model", model, "--run-dir", work.at("run")];
    },
    says: /^WORK\/model\/model-00002-of-00003\.safetensors is cut short/,
  },
];

const RUNS: readonly BadInput[] = [
  ...OTHER_RUNS,
  {
    what: "a base of a revision that is not in the cache, offline",
    code: "BAD_CHECKPOINT",
    offline: true,
    line: (work) => {
      const path = recipe(work, (text) =>
        text.replace(/base: .*/, "base: nobody/nothing\nrevision: v2"),
      );
      return ["run", path, "--run-dir", work.at("run")];
    },
    says: /^nobody\/nothing at revision v2 is not in the cache WORK\/hub\/hub, and offline mode is on\./,
  },
  {
    what: "a device that is not there",
    code: "DEVICE",
    line: (work) => [
      ...["run", recipe(work, (text) => text), "--device", "cuda"],
      ...["--run-dir", work.at("run")],
    ],
    says: /^The device "cuda" (does not work on this machine|is not available).*Use --device cpu, or install.*$/,
  },
  ...BASES.map((base) => ({ ...base, what: `as base of a run, ${base.what}` })),
  {
    what: "a recipe key that nobody knows",
    code: "USAGE",
    line: (work) => [
      ...["run", recipe(work, (text) => `${text}\nroundz: 3\n`)],
      ...["--run-dir", work.at("run")],
    ],
    says: /^WORK\/recipe\.yaml.*"roundz".*"rounds"/s,
  },
  {
    what: "a recipe of instruct",
    code: "USAGE",
    line: () => ["run", join(ROOT, "recipes/instruct/paper.yaml")],
    says: /^\S+paper\.yaml is a recipe of `autodidact instruct`.*Run it with `autodidact instruct \S+paper\.yaml --model DIR\|ID`.*\.$/,
  },
  {
    what: "a recipe of run, when instruct is asked",
    code: "USAGE",
    line: (work) => [
      ...["instruct", recipe(work, (text) => text), "--model", TINY],
      ...["--run-dir", work.at("run")],
    ],
    says: /^WORK\/recipe\.yaml is a recipe of `autodidact run`.*Run it with `autodidact run WORK\/recipe\.yaml`\.$/,
  },
  {
    what: "an empty seed file",
    code: "BAD_INPUT",
    line: (work) => {
      const empty = work.write("ift.jsonl", "");
      const path = recipe(work, (text) =>
        text.replace(/ift: .*/, `ift: ${empty}`),
      );
      return ["run", path, "--run-dir", work.at("run")];
    },
    says: /^WORK\/ift\.jsonl has no rows\./,
  },
  {
    what: "a ledger that is damaged, when a run should go on",
    code: "LEDGER",
    line: (work) => {
      work.write("run/ledger.db", "this is no database ".repeat(1000));
      return [
        ...["run", recipe(work, (text) => text)],
        ...["--run-dir", work.at("run")],
      ];
    },
    says: /^The ledger WORK\/run\/ledger\.db is damaged or is not a ledger/,
  },
  {
    what: "a ledger that is damaged, when its status is asked for",
    code: "LEDGER",
    line: (work) => {
      work.write("run/ledger.db", "this is no database ".repeat(1000));
      return ["status", work.at("run")];
    },
    says: /^The ledger WORK\/run\/ledger\.db is damaged or is not a ledger/,
  },
  {
    what: "a run folder without a ledger",
    code: "LEDGER",
    line: (work) => ["status", work.path],
    says: /^There is no ledger at WORK\/ledger\.db\. Give the folder of a run/,
  },
  {
    what: "a run folder without a report",
    code: "LEDGER",
    line: (work) => ["report", work.path],
    says: /^There is no ledger at WORK\/ledger\.db\. Give the folder of a run/,
  },
  {
    what: "a report that is something else",
    code: "BAD_INPUT",
    line: (work) => {
      work.write("report.json", '{"name": "x"}');
      return ["report", work.path];
    },
    says: /^WORK\/report\.json is not a report of this version: field "/,
  },
  {
    what: "a run without data sets",
    code: "LEDGER",
    line: (work) => [
      ...["export", "--run", work.path],
      ...["--format", "dpo", "--out", work.at("out.jsonl")],
    ],
    says: /^There is no ledger at WORK\/ledger\.db\. Give the folder of a run/,
  },
  {
    what: "a data set that a run does not have",
    code: "BAD_INPUT",
    line: (work) => {
      work.write("datasets/M2.jsonl", [PAIR]);
      return [
        ...["export", "--run", work.path, "--dataset", "M9"],
        ...["--format", "dpo", "--out", work.at("out.jsonl")],
      ];
    },
    says: /^WORK\/datasets has no data set “M9”; it has M2\./,
  },
];

const USAGE: readonly BadInput[] = [
  {
    what: "layers to adapt without a rank",
    code: "USAGE",
    line: (work) => [...train(work, "sft"), "--lora-targets", "q_proj"],
    says: /^--lora-targets, --lora-output and --lora-base need --lora-rank R/,
  },
  {
    what: "a layer to adapt that the model lacks",
    code: "USAGE",
    line: (work) => [
      ...train(work, "dpo"),
      ...["--lora-rank", "2", "--lora-targets", "c_attn"],
    ],
    says: /^LoRA cannot adapt the layer "c_attn": this model's linear layers are q_proj, k_proj/,
  },
  {
    what: "no prompt at all",
    code: "USAGE",
    line: () => ["generate", "--model", TINY],
    says: /^Give either --prompt TEXT or --prompts FILE\.$/,
  },
  {
    what: "a prompt and a prompt file",
    code: "USAGE",
    line: (work) => [
      ...generate(TINY),
      ...["--prompts", work.write("p.jsonl", [PROMPT])],
    ],
    says: /^Give either --prompt TEXT or --prompts FILE, not both\.$/,
  },
  {
    what: "a run and a file to export",
    code: "USAGE",
    line: (work) => [
      ...["export", "--run", work.path, "--data", work.at("x")],
      ...["--format", "dpo", "--out", work.at("out.jsonl")],
    ],
    says: /^Give one of --run DIR, --data FILE and --model DIR\|ID, not several\.$/,
  },
  {
    what: "a precision that the format lacks",
    code: "USAGE",
    line: (work) => exportModel(work, TINY, "gguf", "--precision", "bf16"),
    says: /^The format gguf has no precision bf16\. Give --precision f32, f16, q8_0\.$/,
  },
  {
    what: "a model in a format of data",
    code: "USAGE",
    line: (work) => exportModel(work, TINY, "parquet"),
    says: /^parquet is a format of data\. Give --run or --data, or --format safetensors or gguf\.$/,
  },
  {
    what: "eight bits for an endpoint",
    code: "USAGE",
    line: (work) => [
      ...["instruct", "--endpoint", "http://127.0.0.1:9/v1", "--model", "m"],
      ...["--weights", "int8", "--run-dir", work.at("run")],
    ],
    says: /^--weights int8 is for a checkpoint on this machine;/,
  },
  {
    what: "a judgement without a score",
    code: "USAGE",
    line: (work) => [
      ...["judge", "--model", TINY, "--out", work.at("out")],
      ...["--data", work.write("d.jsonl", [{ prompt: "x", response: "y" }])],
      ...["--judge-answer", "good or bad"],
    ],
    says: /^--judge-answer expects a text with \{score\} in it, got "good or bad"\.$/,
  },
];

describe.concurrent.each<[string, readonly BadInput[]]>([
  ["a checkpoint", CHECKPOINTS],
  ["rows", ROWS],
  ["a place for the result", PLACES],
  ["a run", RUNS],
  ["a command line", USAGE],
])("%s", (_group, table) => {
  test.for(table)("$what", async ({ code, line, says, offline }, context) => {
    // In concurrent tests these come from the context.
    const { expect: check, onTestFinished } = context;
    const work = workFolder(onTestFinished);
    const args = line(work);
    const before = work.picture();
    const env: Record<string, string> = offline
      ? { HF_HUB_OFFLINE: "1", HF_HOME: work.at("hub") }
      : {};
    const result = await autodidact(args, { cwd: work.path, env });
    const said = result.stderr.replaceAll(work.path, "WORK").trimEnd();
    check({ said, code: result.code }).toEqual({
      said: check.stringMatching(says) as string,
      code: EXIT_CODES[code],
    });
    check(result.stdout).toBe("");
    check(said).not.toMatch(/\n\s+at |Unexpected failure/);
    check(work.picture()).toEqual(before);
  });
});

test("with --json the same error is one document on standard output", async () => {
  const work = workFolder();
  const result = await work.run(...generate(work.at("gone")), "--json");
  const { error } = JSON.parse(result.stdout) as {
    error: { code: string; message: string };
  };
  expect(error).toMatchObject({ code: "BAD_CHECKPOINT" });
  expect(result.stderr).toBe(`${error.message}\n`);
  expect(result.code).toBe(EXIT_CODES.BAD_CHECKPOINT);
});

// Windows has neither these modes nor this limit.
describe.skipIf(process.platform === "win32")(
  "a disk that takes nothing",
  () => {
    test.for([
      { what: "rows", place: "out.jsonl" },
      { what: "a checkpoint", place: "out" },
    ])(
      "$what in a read-only folder are refused before the work",
      async ({ what, place }) => {
        const work = workFolder();
        const data = work.write("data.jsonl", [COMPLETION]);
        const out = work.at(`locked/${place}`);
        mkdirSync(work.at("locked"), { mode: 0o555 });
        const command = what === "rows" ? ["score"] : ["train", "sft"];
        const before = work.picture();
        // The folder of the test itself must be open to the other user.
        chmodSync(work.path, 0o755);
        const result = await unprivileged(
          [...command, "--model", TINY, "--data", data, "--out", out],
          work.path,
        );
        expect(result).toEqual({
          code: EXIT_CODES.STORAGE,
          stdout: "",
          stderr: `Cannot write ${out} (EACCES). Permission was denied: check the owner and mode of the folder, or choose another one. Nothing that was there before has been changed.\n`,
        });
        expect(work.picture()).toEqual(before);
      },
    );

    test("a checkpoint that does not fit is a storage error, and the earlier one stays", async () => {
      const work = workFolder();
      const args = [...train(work, "sft"), "--epochs", "1"];
      expect((await work.run(...args)).code).toBe(0);
      const before = work.picture();
      // The weights take 156 kB; 100 blocks are 51 kB.
      const other = [...args, "--lr", "1e-3", "--overwrite"];
      const result = await onFullDisk(other, {
        cwd: work.path,
        blocks: 100,
      });
      expect(result.code).toBe(EXIT_CODES.STORAGE);
      expect(result.stderr).toMatch(
        /^Cannot write \S+out\S* \(EFBIG\)\. .*Nothing that was there before has been changed\.$/m,
      );
      const { "steps.jsonl": _old, ...earlier } = before;
      const { "steps.jsonl": _new, ...after } = work.picture();
      expect(after).toEqual(earlier);
    });

    test("rows that do not fit are a storage error, and the earlier file stays", async () => {
      const work = workFolder();
      const data = work.write(
        "data.jsonl",
        Array.from({ length: 40 }, (_, i) => ({
          ...COMPLETION,
          note: "x".repeat(1000),
          i,
        })),
      );
      work.write("out.jsonl", [{ earlier: true }]);
      const before = work.picture();
      const score = [
        ...["score", "--model", TINY, "--data", data, "--out", "out.jsonl"],
      ];
      const result = await onFullDisk(score, { cwd: work.path, blocks: 20 });
      expect(result.code).toBe(EXIT_CODES.STORAGE);
      expect(result.stderr).toMatch(/^Cannot write out\.jsonl \(EFBIG\)\./m);
      // What was computed for them is smaller, and waits for more room.
      const { "out.jsonl.partial-answers": answers, ...after } = work.picture();
      expect(after).toEqual(before);
      expect(answers).toBeDefined();
      const again = await work.run(...score);
      expect(again.stderr).toMatch(
        /^Going on: 0 of 40 rows were there, and 1 answer more\.$/m,
      );
      expect(Object.keys(work.picture())).toEqual(Object.keys(before));
    });
  },
);
