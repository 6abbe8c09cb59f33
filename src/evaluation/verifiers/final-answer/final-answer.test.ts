import { describe, expect, test } from "vitest";
import { matchFinalAnswer } from "./final-answer.js";

const verdict = (reference: string, response: string): boolean =>
  matchFinalAnswer(reference, response).correct;

describe("numbers", () => {
  test.each([
    ["18", "She makes 9 * 2 = $18.\n#### 18"],
    ["18", "so \\boxed{18\\text{ dollars}}"],
    ["18", "The answer is $18.00 per day. That uses 3 eggs."],
    ["1234", "#### 1,234"],
    ["1,234.5", "It costs 1234.50 in all"],
    ["70000", "The profit is $70,000"],
    ["118000", "net proceeds of $118 000."],
    ["1000000", "about 1 million"],
    ["-5", "the answer is −5"],
    ["-5", "\\boxed{-5}"],
    ["5", "10-5, from which 5"],
    ["3/4", "\\boxed{\\frac{3}{4}}"],
    ["0.75", "The answer is 3/4."],
    ["1.5", "It is 1 1/2 cups"],
    ["50%", "the answer is 50 percent"],
    ["5 km", "5 kilometres"],
    ["12", "first 7, then 5: the answer is 7 + 5 = 12"],
    ["12", "The answer is 3.\nNo. The answer is 12."],
    ["0.1", "the answer is .1"],
    ["18", "答案是18元。"],
    ["18", "１８"],
    ["320", "答案是三百二十。"],
    ["12000", "一万两千"],
    ["12000", "1.2万"],
    ["100000000", "一亿"],
    ["15", "十五"],
    ["2024", "二〇二四"],
    ["-3.5", "负三点五"],
    ["三百二十", "共320个"],
    ["99999999999999999999", "#### 99,999,999,999,999,999,999"],
  ])("%s is %j", (reference, response) => {
    expect(verdict(reference, response)).toBe(true);
  });

  test.each([
    ["18", "#### 19"],
    ["18", "18 eggs, so she makes 20 dollars"],
    ["18", ""],
    ["18", "I do not know"],
    ["0.33", "1/3"],
    ["5", "-5"],
    ["1234", "1,235"],
    ["99999999999999999999", "99999999999999999998"],
    ["3", "答案是三十"],
    ["1", "the answer is 1/0"],
  ])("%s is not %j", (reference, response) => {
    expect(verdict(reference, response)).toBe(false);
  });
});

describe("choices", () => {
  test.each([
    ["B", "B"],
    ["B", "(B) Paris"],
    ["(B)", "The answer is B: Paris, not C."],
    ["B", "A is wrong. Neither is C right.\nAnswer: **B**"],
    ["B", "\\boxed{B}"],
    ["B", "答案：B"],
    ["C", "I think it must be C"],
  ])("%s is %j", (reference, response) => {
    expect(verdict(reference, response)).toBe(true);
  });

  test.each([
    ["B", "C"],
    ["B", "The answer is C, not B"],
    ["B", "Because"],
    ["B", "b"],
  ])("%s is not %j", (reference, response) => {
    expect(verdict(reference, response)).toBe(false);
  });
});

describe("text", () => {
  test.each([
    ["New York", "The answer is new york."],
    ["New York", "I looked it up.\nNew  York!"],
    ["true", "\\boxed{True}"],
  ])("%s is %j", (reference, response) => {
    expect(verdict(reference, response)).toBe(true);
  });

  test("in other words is another answer", () => {
    expect(verdict("New York", "The answer is York.")).toBe(false);
  });
});
