/**
 * @file Self-Instruct in the nursery's language: seeds, words, and the filter that keeps
 * what independent answers agree on.
 */
import { rm } from "node:fs/promises";
import { afterAll, expect, it } from "vitest";
import {
  checkInstruction,
  rulesWithout,
} from "../../src/instruct/language-packs/check.js";
import { nurseryLanguage } from "../../src/instruct/language-packs/nursery.js";
import { nurseryPrompts } from "../../src/instruct/prompts/nursery-prompts.js";
import { readBundledSeeds } from "../../src/instruct/seed-set.js";
import type {
  GenerationRequest,
  LanguageModel,
} from "../../src/generation/language-model.js";
import { seedTasks } from "../../src/nursery/seed-tasks.js";
import { VOCABULARY } from "../../src/nursery/vocabulary.js";
import {
  datasetRows,
  opener,
  runInstruct,
  runOptions,
  temporaryFolder,
} from "./run-folder.js";

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

it("the bundled seed tasks are those of seed 1, and pass their own filters", async () => {
  const seeds = await readBundledSeeds("nursery");
  expect(seeds).toEqual(seedTasks(1));
  const all = rulesWithout([]);
  for (const { instruction } of seeds) {
    expect(checkInstruction(instruction, nurseryLanguage, all)).toEqual({
      accepted: true,
    });
  }
});

it.each(["chat", "completion"] as const)(
  "every word of the %s prompts is in the closed vocabulary",
  (style) => {
    const prompts = nurseryPrompts({
      style,
      newInstructions: 8,
      enabled: rulesWithout([]),
    });
    const texts = [
      prompts.instructions(["double a b", "add one : 4"]),
      prompts.classification("double a b"),
      prompts.instances("double a b", false),
    ].map(({ prompt }) =>
      typeof prompt === "string"
        ? prompt
        : prompt.map(({ content }) => content).join(" "),
    );
    const known = new Set(VOCABULARY);
    const words = texts.join(" ").split(" ");
    expect(words.filter((word) => !known.has(word))).toEqual([]);
  },
);

/** Writes one new task a request; is sure of the even ones, and wavers on the odd. */
function waveringModel(): LanguageModel & { asked: number } {
  let written = 0;
  const text = (request: GenerationRequest): string => {
    const [{ content = "" } = {}] = request.prompt as readonly {
      readonly content: string;
    }[];
    if (content.startsWith("write new tasks")) {
      written++;
      return `count one up from ${[...String(100 + 37 * written)].join(" ")}`;
    }
    if (content.startsWith("choose")) return "no";
    const number = Number(content.replaceAll(/\D/gu, ""));
    return number % 2 === 0 ? "right" : `guess ${request.seed % 1000}`;
  };
  const model = {
    identity: "wavering",
    asked: 0,
    generate: (requests: readonly GenerationRequest[]) => {
      model.asked += requests.length;
      return Promise.resolve(
        requests.map((request) => [
          { text: text(request), tokens: 3, finishReason: "stop" as const },
        ]),
      );
    },
    score: () => Promise.reject(new Error("not asked")),
  };
  return model;
}

it("an instance is kept when all answers agree, and all are counted", async () => {
  const folder = await temporaryFolder();
  folders.push(folder);
  const model = waveringModel();
  const report = await runInstruct(
    runOptions(folder, opener(model), {
      language: "nursery",
      style: "chat",
      accept: 10,
      instanceAnswers: 3,
      inFlight: 1,
      novelty: 1,
    }),
  );
  const rows = await datasetRows<{
    readonly messages: readonly { readonly content: string }[];
  }>(folder, "chat.jsonl");
  // 100 + 37·k is even for every second k: five of ten, each kept once.
  expect(rows.map(({ messages }) => messages[1]?.content)).toEqual(
    Array.from({ length: 5 }, () => "right"),
  );
  const instances = report.waterfall.find(({ stage }) => stage === "instances");
  expect(instances).toMatchObject({ requested: 30, accepted: 5, failed: 0 });
  expect(instances?.rejected).toEqual([
    { name: "conflicting-outputs", count: 15 },
    { name: "duplicate-instance", count: 10 },
  ]);
});
