/**
 * @file `autodidact compare` with the real binary.
 */
import { expect, test } from "vitest";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { workFolder } from "./stage-files.js";

test("figures are found by name in files of any origin", async () => {
  const work = workFolder();
  const a = work.write("a.json", [
    { instruction: "x", output: "👋", generator: "m", follow: [true, false] },
    { instruction: "y", output: "abc", generator: "m", follow: [true, true] },
  ]);
  const b = work.write("b.jsonl", [
    { instruction: "y", output: "a", follow: [false, false], kept: null },
    { instruction: "x", output: "abcd", follow: [true, true], seed: 3 },
  ]);
  const { code, stdout } = await work.run("compare", a, b, "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    prompts: 2,
    alone: 0,
    figures: [
      {
        name: "follow",
        left: 0.75,
        right: 0.5,
        rightAgainstLeft: { win: 1, tie: 0, lose: 1 },
      },
      { name: "length", left: 2, right: 2.5 },
    ],
  });
});

test("a figure that only one of the files has is named", async () => {
  const work = workFolder();
  const a = work.write("a.jsonl", [{ prompt: "x", response: "a", score: 1 }]);
  const b = work.write("b.jsonl", [
    { prompt: "x", response: "b", score: null },
  ]);
  const { code, stderr } = await work.run("compare", a, b);
  expect(code).toBe(0);
  expect(stderr).toContain("score is not in every file and is not compared.");
});

test("files without a prompt in common, or a row without a name, are refused", async () => {
  const work = workFolder();
  const a = work.write("a.jsonl", [{ prompt: "x", response: "", score: 1 }]);
  const b = work.write("b.jsonl", [{ prompt: "y", response: "", score: 1 }]);
  const none = work.write("none.jsonl", [{ response: "", score: 1 }]);
  const strangers = await work.run("compare", a, b);
  expect(strangers.code).toBe(EXIT_CODES.BAD_INPUT);
  expect(strangers.stderr).toContain(`No prompt of ${a} is in ${b}`);
  const nameless = await work.run("compare", a, none);
  expect(nameless.code).toBe(EXIT_CODES.BAD_INPUT);
  expect(nameless.stderr).toContain(`${none}, line 1`);
});
