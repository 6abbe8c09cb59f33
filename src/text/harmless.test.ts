import { describe, expect, it } from "vitest";
import { harmless, oneLine } from "./harmless.js";

const HARMFUL: readonly (readonly [string, string, string])[] = [
  ["clears the screen", "a\u001b[2Jb", "a\\u001b[2Jb"],
  ["sets the window's title", "\u001b]0;x\u0007", "\\u001b]0;x\\u0007"],
  ["is a one-byte escape", "\u009b31m", "\\u009b31m"],
  ["overwrites the line", "bad\rgood", "bad\\u000dgood"],
  ["takes back", "a\b\u007f", "a\\u0008\\u007f"],
  ["ends a string of C", "a\0b", "a\\u0000b"],
  ["reverses what follows", "\u202egnp", "\\u202egnp"],
  ["isolates", "\u2066x\u2069", "\\u2066x\\u2069"],
  ["marks a direction", "a\u200e\u200f\u061cb", "a\\u200e\\u200f\\u061cb"],
  ["has no width", "pay\u200bpal\u200c\ufeff", "pay\\u200bpal\\u200c\\ufeff"],
  ["separates lines", "a\u2028b\u2029c\u0085", "a\\u2028b\\u2029c\\u0085"],
  ["is half a character", "a\ud83db\ude00", "a\\ud83db\\ude00"],
  ["is an unseen tag", "\u{e0041}", "\\udb40\\udc41"],
];

describe("text that is not ours", () => {
  it.each(HARMFUL)("is made visible where it %s", (_, text, shown) => {
    expect(harmless(text)).toBe(shown);
    expect(harmless(shown)).toBe(shown);
  });

  it.each([
    "two\nlines\tand a tab",
    "with carriage returns\r\nat the ends of lines\r\n",
    "汉语、日本語、한국어",
    "می‌خواهم",
    "क्‍ष",
    "👩‍👩‍👧 👍🏽‍ ❤️‍🔥",
    "e\u0301 is two characters",
  ])("stays as it is where it only reads: %j", (text) => {
    expect(harmless(text)).toBe(text);
  });

  it("stays the same value in JSON", () => {
    const value = {
      "\u202ename": ["\u001b[2J", "\u0085", "\ud800", "\u{e0041}"],
    };
    const shown = harmless(JSON.stringify(value));
    expect(shown).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(shown)).toEqual(value);
  });

  it("fits on one line, cut between characters", () => {
    expect(oneLine(" a\r\n\n b\u0085c ")).toBe("a b\\u0085c");
    expect(oneLine("abcdef", 5)).toBe("abcd…");
    expect(oneLine("abc😀ef", 5)).toBe("abc…");
    expect(oneLine("x".repeat(1e6))).toHaveLength(300);
  });
});
