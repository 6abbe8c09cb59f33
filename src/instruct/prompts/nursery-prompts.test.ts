/**
 * @file The nursery's prompts: what is asked, what is read, and that the two fit.
 */
import { describe, expect, it } from "vitest";
import { rulesWithout } from "../language-packs/check.js";
import { nurseryPrompts } from "./nursery-prompts.js";

const enabled = rulesWithout([]);
const prompts = nurseryPrompts({ style: "chat", newInstructions: 3, enabled });
const read = (
  text: string,
  finishReason: "stop" | "length" = "stop",
  options = prompts,
) => options.readInstructions({ text, finishReason });

describe("new tasks", () => {
  it("are asked for after examples, with the same mark between them as in the answer", () => {
    expect(prompts.instructions(["add one : 4", "double a b"]).prompt).toEqual([
      {
        role: "user",
        content: "write new tasks like these : add one : 4 ; double a b",
      },
    ]);
    expect(prompts.instructionsAnswer(["add one : 4", "double a b"])).toBe(
      "add one : 4 ; double a b",
    );
  });

  it("are read between the marks, blanks left out, at most as many as asked for", () => {
    expect(
      read(" add one : 4 ; ; double a b ; spell c d ; double e f"),
    ).toEqual({
      accepted: ["add one : 4", "double a b", "spell c d"],
      rejected: [{ text: "double e f", reason: "too-many-items" }],
    });
  });

  it("lose their last one when the answer was cut off, unless that rule is off", () => {
    expect(read("add one : 4 ; double a", "length")).toEqual({
      accepted: ["add one : 4"],
      rejected: [{ text: "double a", reason: "truncated-last-item" }],
    });
    const lenient = nurseryPrompts({
      style: "chat",
      newInstructions: 3,
      enabled: rulesWithout(["truncated-last-item"]),
    });
    expect(
      read("add one : 4 ; double a", "length", lenient).accepted,
    ).toHaveLength(2);
  });
});

describe("whether a task is a classification task", () => {
  it.each([true, false])("reads back %s", (isClassification) => {
    const text = ` ${prompts.classificationAnswer(isClassification)} `;
    expect(
      prompts.readClassification({ text, finishReason: "stop" }),
    ).toMatchObject({ accepted: true, isClassification });
  });

  it("guesses nothing from another word", () => {
    expect(
      prompts.readClassification({ text: "yes no", finishReason: "stop" }),
    ).toEqual({
      accepted: false,
      rejected: [{ text: "yes no", reason: "no-structure" }],
    });
  });
});

describe("instances", () => {
  it("are the answer to the task itself, for both kinds", () => {
    for (const isClassification of [true, false]) {
      expect(prompts.instances("double a b", isClassification).prompt).toEqual([
        { role: "user", content: "double a b" },
      ]);
    }
    const made = [{ input: "", output: "a a b b" }];
    const text = prompts.instancesAnswer(made, false);
    expect(
      prompts.readInstances({ text, finishReason: "stop" }, false),
    ).toEqual({ accepted: made, rejected: [] });
  });

  it("are none in an empty answer or one that was cut off", () => {
    expect(
      prompts.readInstances({ text: " ", finishReason: "stop" }, false),
    ).toEqual({ accepted: [], rejected: [] });
    expect(
      prompts.readInstances({ text: "a a b", finishReason: "length" }, false),
    ).toEqual({
      accepted: [],
      rejected: [{ text: "a a b", reason: "truncated-last-item" }],
    });
  });
});

it("asks a base model with plain text that the answer goes on from", () => {
  const plain = nurseryPrompts({
    style: "completion",
    newInstructions: 3,
    enabled,
  });
  expect(plain.instances("double a b", false).prompt).toBe(
    "double a b answer :",
  );
  expect(plain.id).not.toBe(prompts.id);
});
