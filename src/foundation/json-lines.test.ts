import { describe, expect, it } from "vitest";
import { parseRow, rowText } from "./json-lines.js";

describe("a row that passes through", () => {
  it.each([
    '{"id":12345678901234567890,"text":"12345678901234567890"}',
    '{"id":-9007199254740993,"deep":[{"n":9007199254740992}]}',
    '{"text":"a \\"1234567890123456789\\" b","n":1234567890123456.5}',
    '{"a":1,"b":0.1,"c":1e+21,"d":null}',
    '{"text":"\\\\ud800 is written so, 😀"}',
  ])("is what it was: %s", (text) => {
    expect(rowText(parseRow(text))).toBe(text);
  });

  it.each([
    ["a\ud800b", '"a\\ufffdb"'],
    ["\udc00", '"\\ufffd"'],
    ["\\\ud800", '"\\\\\\ufffd"'],
    ["😀", '"😀"'],
  ])("is well-formed Unicode: %j", (text, written) => {
    expect(rowText(text)).toBe(written);
  });

  it("has no number that would become none", () => {
    expect(() => parseRow('{"a":1e400}')).toThrow("1e400 is too large");
    expect(() => parseRow('{"a":NaN}')).toThrow(SyntaxError);
  });
});
