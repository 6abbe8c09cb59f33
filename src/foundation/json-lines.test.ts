import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  MAX_LINE_BYTES,
  parseRow,
  readJsonLines,
  rowText,
  writtenAs,
} from "./json-lines.js";

describe("a row that passes through", () => {
  it.each([
    '{"id":12345678901234567890,"text":"12345678901234567890"}',
    '{"id":-9007199254740993,"deep":[{"n":9007199254740992}]}',
    '{"text":"a \\"1234567890123456789\\" b","n":1234567890123456.5}',
    '{"a":1,"b":0.1,"c":1e+21,"d":null}',
    '{"a":1.0,"b":-0,"c":[1.50,{"d":2E5}],"e":0.1000000000000000055,"f":"1.0"}',
    "[1.0,12345678901234567000,1e21]",
    '{"text":"\\\\ud800 is written so, 😀"}',
    '{"a":1.0,"id":12345678901234567890,"text":"\\u0000number5"}',
    '{"a":1.0,"\\u0000number":"5","b":{"\\u0000number":"x"}}',
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

  it("is so after it was spread, checked and copied", () => {
    const row = parseRow('{"a":1.0,"b":[{"weight":0.0}],"c":2.0}');
    const checked = z.looseObject({
      a: z.number(),
      b: z.array(z.looseObject({ weight: z.number() })),
    });
    const copy = writtenAs(checked.parse(row), row);
    const { c: _c, ...rest } = copy;
    expect(rowText({ ...rest, more: 3 })).toBe(
      '{"a":1.0,"b":[{"weight":0.0}],"more":3}',
    );
    expect(rowText({ ...copy, a: 2, c: "2.0" })).toBe(
      '{"a":2,"b":[{"weight":0.0}],"c":"2.0"}',
    );
  });

  it("has an end to its nesting", () => {
    const nested = (depth: number) =>
      `{"text":"${"[".repeat(2000)}","a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    expect(rowText(parseRow(nested(499)))).toBe(nested(499));
    expect(() => parseRow(nested(100_000))).toThrow("more than 500 deep");
  });

  it.each([
    ['{"a":1,"a":2}', "a"],
    ['{"a":1,"b":[{"c":{}},{"d":1,"\\u0064":1}]}', "d"],
    ['{"a" : {"x":1},\n"b":":","a"\t:{"x":1}}', "a"],
    ['{"":1,"a":{"":2},"":3}', ""],
    ['{"__proto__":1,"__proto__":2}', "__proto__"],
    ['{"a\\\\":1,"b":2,"a\\\\":3}', "a\\"],
    [`{"a":${JSON.stringify('": '.repeat(1e6))},"a":1}`, "a"],
  ])("has each key once in an object: %#", (text, key) => {
    expect(() => parseRow(text)).toThrow(
      `has the key “${key}” twice in one object`,
    );
  });

  it.each([
    '{"a":{"a":[{"a":1},{"a":2}]},"b":{"a":1}}',
    '{"text":"{\\"a\\":1,\\"a\\":2}","a":": b"}',
    '[{"a":": \\\\"},{"a":":"},":",":"]',
    `{"a":"${'\\\\\\"'.repeat(1e6)}","b":":"}`,
  ])("may say anything of keys: %#", (text) => {
    expect(rowText(parseRow(text))).toBe(text);
  });

  it("has no number that would become none", () => {
    expect(() => parseRow('{"a":1e400}')).toThrow("1e400, which is too large");
    expect(() => parseRow('{"a":NaN}')).toThrow(SyntaxError);
  });
});

it("ends a line without end where it is too long, and reads no further", async () => {
  const piece = Buffer.alloc(1 << 20, "x");
  let given = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    yield Buffer.from('{"a":1}\n"');
    for (;;) {
      given += piece.byteLength;
      yield await Promise.resolve(piece);
    }
  }
  const read = async (): Promise<void> => {
    for await (const { value } of readJsonLines("rows.jsonl", endless()))
      expect(value).toEqual({ a: 1 });
  };
  await expect(read()).rejects.toThrow(
    "rows.jsonl, line 2: is longer than 64 MiB. This does not look like JSON Lines",
  );
  expect(given).toBeLessThanOrEqual(MAX_LINE_BYTES + piece.byteLength);
});
