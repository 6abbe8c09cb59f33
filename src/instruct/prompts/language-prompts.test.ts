import { beforeAll, describe, expect, it } from "vitest";
import type { SeedTask } from "../../data/formats/instruction-records.js";
import { rulesWithout } from "../language-packs/check.js";
import { readBundledSeeds } from "../seed-set.js";
import { bundledPrompts } from "./bundled-prompts.js";
import { classificationShots } from "./classification-shots.js";
import type { ModelPrompt, PromptSet, PromptStyle } from "./prompt-set.js";

const seeds: { en: readonly SeedTask[]; zh: readonly SeedTask[] } = {
  en: [],
  zh: [],
};
beforeAll(async () => {
  seeds.en = await readBundledSeeds("en");
  seeds.zh = await readBundledSeeds("zh");
});

function prompts(language: "en" | "zh", style: PromptStyle): PromptSet {
  return bundledPrompts({
    language,
    style,
    bundledSeeds: seeds[language],
    enabled: rulesWithout([]),
  });
}

/** The text of a prompt; a chat prompt must be a single user message. */
function text({ prompt }: ModelPrompt): string {
  if (typeof prompt === "string") return prompt;
  expect(prompt.map(({ role }) => role)).toEqual(["user"]);
  return prompt[0]?.content ?? "";
}

describe("asking for instructions", () => {
  it("shows the examples as a numbered list that a base model goes on with", () => {
    const asked = prompts("en", "completion").instructions([
      "Name a\nriver.",
      "Name a lake:",
    ]);
    expect(asked).toEqual({
      prompt:
        "A varied collection of tasks, each of which can be done in writing alone:\n\n1. Name a river.\n2. Name a lake\n3.",
      // Two shown and seven wanted: the tenth must not begin.
      stop: ["\n\n", "\n10."],
    });
  });

  it("tells a chat model which numbers to write", () => {
    const examples = Array.from({ length: 8 }, (_, i) => `Task number ${i}.`);
    const asked = prompts("en", "chat").instructions(examples);
    expect(asked.stop).toEqual([]);
    expect(text(asked)).toContain("8. Task number 7.");
    expect(text(asked)).toContain("numbered 9 to 15");
    expect(text(prompts("zh", "chat").instructions(examples))).toContain(
      "第9到第15项",
    );
  });

  it("reads the answer with the style's rule for leading text", () => {
    const answer = {
      text: " Name a sea.\n10. Name a bay.",
      finishReason: "stop",
    } as const;
    expect(
      prompts("en", "completion").readInstructions(answer).accepted,
    ).toEqual(["Name a sea.", "Name a bay."]);
    expect(prompts("en", "chat").readInstructions(answer)).toEqual({
      accepted: ["Name a bay."],
      rejected: [{ text: "Name a sea.", reason: "preamble" }],
    });
  });
});

describe("asking for the kind of a task", () => {
  it.each(["en", "zh"] as const)(
    "shows 12 classification tasks and 19 others, never more than three of a kind in a row (%s)",
    (language) => {
      const shots = classificationShots(language, seeds[language]);
      const kinds = shots
        .map((shot) => (shot.isClassification ? "c" : "n"))
        .join("");
      expect(kinds.replaceAll("n", "")).toHaveLength(12);
      expect(kinds.replaceAll("c", "")).toHaveLength(19);
      expect(kinds).not.toMatch(/c{4}|n{4}/u);
      expect(new Set(shots.map((shot) => shot.instruction)).size).toBe(31);
    },
  );

  it("refuses seeds that lack the examples", () => {
    expect(() => classificationShots("en", seeds.zh)).toThrow(
      /no task called “argument_side”/u,
    );
  });

  it("ends where the answer begins", () => {
    const english = prompts("en", "completion").classification("Name a river.");
    expect(text(english)).toMatch(
      /\n\nTask: Name a river\.\nClassification:$/u,
    );
    expect(english.stop).toEqual(["\n"]);
    expect(text(english).match(/^Classification: Yes$/gmu)).toHaveLength(12);
    expect(text(english).match(/^Classification: No$/gmu)).toHaveLength(19);
    const chinese = text(prompts("zh", "chat").classification("说出一条河。"));
    expect(chinese).toMatch(/\n\n任务：说出一条河。\n是否分类：$/u);
    expect(chinese.match(/^是否分类：是$/gmu)).toHaveLength(12);
  });
});

describe("asking for instances", () => {
  it.each(["en", "zh"] as const)(
    "shows examples that its own parser reads back as they were (%s)",
    (language) => {
      for (const style of ["completion", "chat"] as const) {
        for (const isClassification of [false, true]) {
          const set = prompts(language, style);
          const label = language === "en" ? "Task: " : "任务：";
          const blocks = text(set.instances("X", isClassification))
            .split(/\n\n(?=Task: |任务：)/u)
            .filter((block) => block.startsWith(label));
          // The last block is the task that is asked about.
          const shots = blocks.slice(0, -1);
          expect(shots.length).toBeGreaterThanOrEqual(6);
          for (const shot of shots.slice(0, -1)) {
            const body = shot.slice(shot.indexOf("\n") + 1);
            const parsed = set.readInstances(
              { text: body, finishReason: "stop" },
              isClassification,
            );
            expect(parsed.rejected).toEqual([]);
            expect(parsed.accepted.length).toBeGreaterThan(0);
            for (const { input, output } of parsed.accepted) {
              expect(body).toContain(input);
              expect(body).toContain(output);
              expect(output).not.toBe("");
            }
            expect(parsed.accepted.length).toBe(
              Math.max(
                body.match(/^(?:Output: |输出：)/gmu)?.length ?? 0,
                body.match(/^(?:Class label: |类别标签：)/gmu)?.length ?? 0,
              ),
            );
          }
        }
      }
    },
  );

  it("shows every label of a classification example, and more than one", () => {
    for (const language of ["en", "zh"] as const) {
      const asked = text(prompts(language, "chat").instances("X", true));
      const blocks = asked.split(/\n\n(?=Task: |任务：)/u).slice(1, -1);
      for (const block of blocks) {
        const labels = block.match(/^(?:Class label: |类别标签：).*$/gmu) ?? [];
        expect(new Set(labels).size).toBeGreaterThan(1);
        expect(new Set(labels).size).toBe(labels.length);
      }
    }
  });

  it("lets a base model begin with the label of a classification task", () => {
    const set = prompts("en", "completion");
    const asked = set.instances("Is it a pet?", true);
    expect(text(asked)).toMatch(/\nTask: Is it a pet\?\nClass label:$/u);
    expect(asked.stop).toEqual(["\nTask:"]);
    expect(
      set.readInstances(
        { text: " yes\nInput: hamster", finishReason: "stop" },
        true,
      ).accepted,
    ).toEqual([{ input: "hamster", output: "yes" }]);
    expect(text(set.instances("Name a pet.", false))).toMatch(
      /\nTask: Name a pet\.\n$/u,
    );
  });
});
