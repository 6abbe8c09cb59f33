import { describe, expect, test } from "vitest";
import { ignoringCase, translated } from "./pattern.js";

describe("patterns without case", () => {
  /** What `re.findall(pattern, text, re.IGNORECASE)` of Python 3.11 gives. */
  test.each([
    ["is", "Is ıſ İS", ["Is", "ıſ", "İS"]],
    ["c.d", "cad c\nd c\u2028d", ["cad", "c\u2028d"]],
    ["\\bnot\\b", "not knot NOT, nót", ["not", "NOT"]],
    ["\\bno\\b", "nó no", ["no"]],
    ["\\w+", "a² b\u0301c", ["a²", "b", "c"]],
    ["a{,2}b", "aab b", ["aab", "b"]],
    ["a{x}", "a{x}", ["a{x}"]],
    ["[]x]+", "x]x", ["x]x"]],
    ["[^]]", "]a", ["a"]],
    ["end$", "end\n", ["end"]],
    ["a\\-b\\'", "a-b'", ["a-b'"]],
    ["[\\d.]+", "1.٣", ["1.٣"]],
    ["x]", "x]", ["x]"]],
    ["\\.", "a.b", ["."]],
  ])("%s in %j", (pattern, text, found) => {
    expect(text.match(ignoringCase(pattern))).toEqual(found);
  });

  test.each(["c++", "(", "[a", "a\\", "*"])("%s is none", (pattern) => {
    expect(() => ignoringCase(pattern)).toThrow(SyntaxError);
  });
});

test("patterns with case leave other letters alone", () => {
  expect(new RegExp(translated("is"), "u").test("ıs")).toBe(false);
});
