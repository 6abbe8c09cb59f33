import { expect, it } from "vitest";
import { parse } from "yaml";
import { readYaml } from "./yaml.js";

/** Nine lists of nine of the one before: 9⁹ entries out of 300 characters. */
const BOMB = [
  `a0: &a0 [${"x,".repeat(9)}]`,
  ...Array.from(
    { length: 9 },
    (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`,
  ),
].join("\n");

it("gives the value of ordinary YAML, aliases included", () => {
  expect(readYaml("a: &x {b: 1}\nc: *x\nd: [*x, *x]")).toMatchObject({
    value: { a: { b: 1 }, c: { b: 1 }, d: [{ b: 1 }, { b: 1 }] },
  });
});

it.each([
  ["anchors that multiply", BOMB, /anchors repeat each other too often/],
  ["a hundred thousand brackets", "[".repeat(100_000), /nests too deeply/],
  [
    "as many that close again",
    `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
    /nests too deeply/,
  ],
  ["lists within lists", `${"- ".repeat(100_000)}x`, /nests too deeply/],
  [
    "ten thousand aliases of one number",
    `a: &a 1\nb: [${"*a,".repeat(10_000)}]`,
    /many aliases/,
  ],
  ["fifty thousand tags", "!a ".repeat(50_000), /many tags or anchors/],
])("refuses %s", (_name, text, reason) => {
  const yaml = readYaml(text);
  expect("fault" in yaml && yaml.fault.reason).toMatch(reason);
});

it.each([
  ["a list", "a: 1\n? [x, y]\n: 2"],
  ["a mapping within a list", "a:\n  - {{b: 1}: 2}"],
  ["an alias of a list", "a: &a [x]\n*a : 2"],
  ["a mapping over several lines", "a: 1\n? b: 1\n  c: 2\n: 3"],
])("refuses %s as a key, by its line", (_, text) => {
  expect(readYaml(text)).toEqual({
    fault: { line: 2, reason: "a key is a list or a mapping" },
  });
});

it.each(["a: 1\nb: &x [*x]", "&x\na: {b: [*x]}", "a: &x\n  - b: {c: *x}"])(
  "refuses an alias of what is around it: %j",
  (text) => {
    expect(readYaml(text)).toEqual({
      fault: { line: 2, reason: "an alias stands within what it stands for" },
    });
  },
);

it("names the line of what is no YAML", () => {
  expect(readYaml("a: 1\nb: [1\nc: 2")).toMatchObject({
    fault: {
      line: 3,
      reason: expect.stringContaining("Flow sequence") as string,
    },
  });
});

it("ends at the first token that cannot stand where it is, by its line", () => {
  expect(readYaml(`a: 1\n${"}\n".repeat(50_000)}`)).toEqual({
    fault: {
      line: 2,
      reason: expect.stringContaining("Unexpected flow-map-end") as string,
    },
  });
});

it("refuses a second document, by its line", () => {
  expect(readYaml("a: 1\n---\nb: 2\n")).toEqual({
    fault: { line: 2, reason: "a second document begins here" },
  });
});

it.each([
  "",
  "# nothing\n",
  "--- 1\n...\n",
  "a: |\n  b\n  c\n\nd: >-\n  e\n  f\n",
  "- 1e3\n- 0x10\n- ~\n- 'a''b'\n- \"\\u4e2d\"",
  "\ufeffa: 1\r\nb: [1, {c: d}]\r\n",
  "%YAML 1.2\n---\na: 中文 # note",
])("reads %j as the library does in two passes", (text) => {
  expect(readYaml(text)).toMatchObject({ value: parse(text) as unknown });
});
