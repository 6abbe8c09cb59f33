import { describe, expect, it } from "vitest";
import { chatTrainingRows, trainingRows } from "./training-set.js";
import { PROMPT_TEMPLATES } from "./training-templates.js";

const task = (id: string, inputs: readonly string[]) => ({
  id,
  instruction: `Say ${id} {input}.`,
  instances: inputs.map((input) => ({ input, output: `out ${input}` })),
});

describe("prompt templates", () => {
  it.each(["en", "zh"] as const)(
    "are seven with input and six without, all different, each part once (%s)",
    (language) => {
      const { withInput, withoutInput } = PROMPT_TEMPLATES[language];
      expect(new Set(withInput).size).toBe(7);
      expect(new Set(withoutInput).size).toBe(6);
      for (const template of withInput) {
        expect(template.split("{instruction}")).toHaveLength(2);
        expect(template.split("{input}")).toHaveLength(2);
      }
      for (const template of withoutInput) {
        expect(template.split("{instruction}")).toHaveLength(2);
        expect(template).not.toContain("{input}");
      }
    },
  );
});

describe("training rows", () => {
  it("hold instruction, input and output verbatim, one row an instance", () => {
    const rows = trainingRows([task("a", ["x", ""]), task("b", ["y"])], {
      language: "en",
      seed: 1,
    });
    expect(rows).toHaveLength(3);
    for (const { prompt } of rows) expect(prompt).toContain("{input}.");
    expect(rows[0]?.prompt).toContain("Say a {input}.");
    expect(rows[0]?.prompt).toContain("x");
    expect(rows.map(({ completion }) => completion.trim())).toEqual([
      "out x",
      "out",
      "out y",
    ]);
  });

  it("begin the completion with a space exactly after an ASCII colon", () => {
    const tasks = Array.from({ length: 60 }, (_, i) =>
      task(`t${i}`, ["x", ""]),
    );
    const rows = trainingRows(tasks, { language: "en", seed: 3 });
    const afterColon = rows.filter(({ prompt }) => prompt.endsWith(":"));
    expect(afterColon.length).toBeGreaterThan(0);
    expect(afterColon.length).toBeLessThan(rows.length);
    for (const { prompt, completion } of rows) {
      expect(completion.startsWith(" ")).toBe(prompt.endsWith(":"));
    }
  });

  it("use every template in the long run", () => {
    const tasks = Array.from({ length: 300 }, (_, i) =>
      task(`t${i}`, ["", "x"]),
    );
    const layouts = new Set(
      trainingRows(tasks, { language: "zh", seed: 3 }).map(({ prompt }) =>
        prompt.replace(/Say t\d+ \{input\}\./u, "I"),
      ),
    );
    expect(layouts.size).toBe(13);
  });

  it("do not change when other tasks come or go", () => {
    const [a, b] = [task("a", ["x", "z"]), task("b", ["y"])];
    const together = trainingRows([a, b], { language: "en", seed: 7 });
    const alone = trainingRows([b], { language: "en", seed: 7 });
    expect(together.slice(2)).toEqual(alone);
  });

  it("as chat are a user's and an assistant's message", () => {
    const tasks = [task("a", ["x", ""])];
    expect(chatTrainingRows(tasks, { language: "en" })).toEqual([
      {
        messages: [
          { role: "user", content: "Say a {input}.\n\nx" },
          { role: "assistant", content: "out x" },
        ],
      },
      {
        messages: [
          { role: "user", content: "Say a {input}." },
          { role: "assistant", content: "out " },
        ],
      },
    ]);
  });
});
