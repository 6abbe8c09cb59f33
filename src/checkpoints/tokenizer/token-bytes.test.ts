import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokenReader } from "./token-bytes.js";
import { openTokenizer } from "./tokenizer.js";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("a token's bytes", () => {
  it.each([
    ["bytes", { type: "ByteLevel" }, "ĠcafÃ©", " café"],
    ["a byte of a line's end", { type: "ByteLevel" }, "Ċ", "\n"],
    ["words", null, "word", " word"],
    ["pieces of words", { type: "WordPiece", prefix: "##" }, "##ing", "ing"],
    ["spaces", { type: "Metaspace", replacement: "▁" }, "▁a", " a"],
    [
      "a sequence",
      {
        type: "Sequence",
        decoders: [
          { type: "Replace", pattern: { String: "▁" }, content: " " },
          { type: "ByteFallback" },
          { type: "Fuse" },
        ],
      },
      "▁<0x41",
      " <0x41",
    ],
  ])("are read as %s", (_, decoder, spelling, expected) => {
    expect(text(tokenReader(decoder)(spelling))).toBe(expected);
  });

  it("are one byte where the decoder falls back to bytes", () => {
    expect(tokenReader({ type: "ByteFallback" })("<0xE2>")).toEqual(
      Uint8Array.of(0xe2),
    );
    expect(text(tokenReader({ type: "Fuse" })("<0xE2>"))).toBe("<0xE2>");
  });

  const folder = "test/fixtures/checkpoints";
  const families = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  it.each(families)("of %s make the text that it decodes", async (family) => {
    const tokenizer = await openTokenizer(`${folder}/${family}`);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (given) => {
        const ids = await tokenizer.encode(given, {
          addSpecialTokens: false,
        });
        const bytes = ids.flatMap((id) => [...tokenizer.tokenBytes(id)]);
        const made = text(Uint8Array.from(bytes));
        const whole = await tokenizer.decode(ids);
        expect([made, made.replace(/^ /, "")]).toContain(whole);
      }),
      { numRuns: 50 },
    );
    expect(tokenizer.tokenBytes(tokenizer.vocabSize)).toHaveLength(0);
  });
});
