import fc from "fast-check";
import { expect, test } from "vitest";
import { failureOf } from "../../test/ledger/support.js";
import {
  encodeJson,
  integerCodec,
  json,
  nullable,
  real,
  textCodec,
} from "./codecs.js";

test("text that SQLite's driver would cut or change is escaped, other text is stored as it is", () => {
  expect(textCodec.encode("plain 中文 😀\n", "t")).toBe("plain 中文 😀\n");
  expect(textCodec.encode("a\0b", "t")).toBe('\u001bjson:"a\\u0000b"');
  expect(textCodec.encode("\ud800", "t")).toBe('\u001bjson:"\\ud800"');
});

test("any text comes back the same", () => {
  const awkward = fc.string({
    unit: fc.oneof(
      fc.constantFrom(
        "\0",
        "\ud800",
        "\udfff",
        "\u001b",
        "json:",
        '"',
        "\\",
        "中",
        "😀",
      ),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    ),
  });
  fc.assert(
    fc.property(awkward, fc.boolean(), (content, escaped) => {
      const value = escaped ? `\u001bjson:${content}` : content;
      const stored = textCodec.encode(value, "t");
      expect(String(stored)).not.toMatch(/\0|\p{Surrogate}/u);
      expect(textCodec.decode(stored, "t")).toBe(value);
    }),
    { numRuns: 300 },
  );
});

test("any JSON value comes back the same, whatever order its keys were written in", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(json.decode(json.encode(value, "j"), "j")).toEqual(
        JSON.parse(JSON.stringify(value)),
      );
    }),
  );
  expect(json.encode({ b: 1, a: [2] }, "j")).toBe(
    json.encode({ a: [2], b: 1 }, "j"),
  );
});

test.each([
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "Infinity"],
])("refuses %s instead of storing nothing in its place", (value, shown) => {
  for (const refused of [
    () => real.encode(value, "judgements.score"),
    () => encodeJson({ metrics: [{ loss: value }] }, "training_steps.metrics"),
  ]) {
    const failure = failureOf(refused);
    expect(failure.code).toBe("NUMERIC");
    expect(failure.message).toContain(shown);
  }
});

test.each([
  [
    "a boolean as a number",
    () => integerCodec.encode(true, "candidates.tokens"),
  ],
  [
    "a fraction as a whole number",
    () => integerCodec.encode(1.5, "candidates.tokens"),
  ],
  [
    "a number that a double cannot count to",
    () => integerCodec.encode(2 ** 53, "candidates.tokens"),
  ],
  ["a number as text", () => textCodec.encode(5, "candidates.tokens")],
  [
    "a typed array as JSON",
    () => encodeJson({ a: new Float32Array(1) }, "candidates.tokens"),
  ],
  ["a map as JSON", () => encodeJson(new Map(), "candidates.tokens")],
  ["a big integer as JSON", () => encodeJson([1n], "candidates.tokens")],
  ["nothing as JSON", () => encodeJson(undefined, "candidates.tokens")],
])("refuses %s, naming the column", (_what, action) => {
  const failure = failureOf(action);
  expect(failure.code).toBe("LEDGER");
  expect(failure.message).toContain("candidates.tokens");
});

test("a nullable column takes null and absence for the same", () => {
  const column = nullable(real);
  expect([
    column.encode(null, "c"),
    column.encode(undefined, "c"),
    column.encode(0, "c"),
  ]).toEqual([null, null, 0]);
  expect(column.decode(null, "c")).toBeNull();
});

test("text that is no JSON in a JSON column is damage, and says where", () => {
  const failure = failureOf(() =>
    json.decode('{"loss":', "training_steps.metrics"),
  );
  expect(failure.code).toBe("LEDGER");
  expect(failure.message).toContain("training_steps.metrics");
});
