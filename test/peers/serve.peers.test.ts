/**
 * @file `autodidact serve` against programs that others wrote: OpenAI's client for Python
 * and the language model evaluation harness, each held against transformers itself.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const PYTHON = process.env["AUTODIDACT_PYTHON"] ?? "python3";
const CHECKPOINT = resolve("test/fixtures/checkpoints/qwen2");
const TOKENS = 12;
/** Whose answers need none of the padding of the model's matrix, which transformers would write. */
const TEXTS = ["Once upon a time", "The answer is"];
const CHATS = [
  [{ role: "user", content: "Hello there." }],
  [
    { role: "user", content: "Say yes." },
    { role: "assistant", content: "Yes." },
    { role: "user", content: "Now say no." },
  ],
];

const CHOICES = [
  { question: "The quick brown", choices: ["fox", "lazy dog", "sea"] },
  { question: "She sells", choices: ["sea shells", "the word", "forty-two"] },
  { question: "Snow is", choices: ["white", "as black as the night"] },
  { question: "日本の首都は", choices: ["東京", "大阪"] },
];
const QUESTIONS = ["The lazy dog", "one two three"];

interface Evaluation {
  readonly figures: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly answers: {
    readonly choice: readonly (readonly [number, boolean])[];
    readonly words: readonly string[];
  };
}

interface Peers {
  readonly client: Readonly<Record<string, unknown>>;
  readonly served: Evaluation;
  readonly local: Evaluation;
}

let folder: string;
let server: ChildProcess;
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "serve-peer-"));
  server = spawn(
    process.execPath,
    ["dist/cli/main.js", "serve", "--model", CHECKPOINT, "--port", "0"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [line] = (await once(
    server.stdout as NodeJS.ReadableStream,
    "data",
  )) as [Buffer];
  url = /http:\S+/.exec(line.toString("utf8"))?.[0] ?? "";
});
afterAll(async () => {
  const gone = once(server, "exit");
  server.kill("SIGTERM");
  await gone;
  await rm(folder, { recursive: true, force: true });
});

/** A task of the harness over rows of our own. */
async function task(
  name: string,
  rows: readonly object[],
  fields: Readonly<Record<string, unknown>>,
) {
  const path = join(folder, `${name}.jsonl`);
  await writeFile(path, rows.map((row) => JSON.stringify(row)).join("\n"));
  return {
    task: name,
    dataset_path: "json",
    dataset_kwargs: { data_files: { test: path } },
    test_split: "test",
    doc_to_text: "{{question}}",
    ...fields,
  };
}

it("gives OpenAI's client and the evaluation harness what transformers gives", async () => {
  const choice = await task(
    "choice",
    CHOICES.map((row, i) => ({ ...row, answer: i % 2 })),
    {
      output_type: "multiple_choice",
      doc_to_choice: "{{choices}}",
      doc_to_target: "{{answer}}",
      metric_list: [{ metric: "acc" }, { metric: "acc_norm" }],
    },
  );
  const words = await task(
    "words",
    QUESTIONS.map((question) => ({ question, answer: " the" })),
    {
      output_type: "generate_until",
      doc_to_target: "{{answer}}",
      generation_kwargs: { until: ["d", "\n"], max_gen_toks: 16 },
      metric_list: [{ metric: "exact_match" }],
    },
  );
  const input = {
    url,
    model: "qwen2",
    folder: CHECKPOINT,
    tasks: [choice, words],
    texts: TEXTS,
    chats: CHATS,
    tokens: TOKENS,
  };
  const run = (script: string): string =>
    execFileSync(PYTHON, [resolve(`test/peers/${script}`)], {
      input: JSON.stringify(input),
      encoding: "utf8",
      env: { ...process.env, HF_HUB_OFFLINE: "1", HF_HOME: folder },
    });
  const expected = JSON.parse(run("endpoint-peer.py")) as object;
  const lines = run("serve-peer.py").trimEnd().split("\n");
  const { client, served, local } = JSON.parse(lines.at(-1) ?? "") as Peers;
  expect(client).toEqual({
    ...expected,
    models: ["qwen2"],
    refused: "model_not_found",
  });
  expect(served.figures).toEqual(local.figures);
  expect(Object.keys(local.figures)).toEqual(["choice", "words"]);
  expect(served.answers.words).toEqual(local.answers.words);
  expect(local.answers.choice).toHaveLength(10);
  for (const [i, [logprob, greedy]] of local.answers.choice.entries()) {
    expect(served.answers.choice[i]?.[0]).toBeCloseTo(logprob, 3);
    expect(served.answers.choice[i]?.[1]).toBe(greedy);
  }
});
