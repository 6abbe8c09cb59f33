import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openTokenizer } from "../checkpoints/tokenizer/tokenizer.js";
import type { ChatMessage } from "../data/records.js";
import { sha256 } from "../foundation/hash.js";
import { generationConfig, tokenizerFiles } from "./tokenizer-files.js";
import { VOCABULARY } from "./vocabulary.js";

interface Fixture {
  readonly files: Readonly<Record<string, string>>;
  readonly special: Readonly<Record<"eos" | "pad" | "unk" | "size", number>>;
  readonly encoded: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly withoutSpecial: string;
  }[];
  readonly rendered: readonly {
    readonly messages: readonly ChatMessage[];
    readonly add_generation_prompt: boolean;
    readonly text: string;
    readonly ids: readonly number[];
  }[];
}

/** Made with the real transformers by scripts/fixtures/nursery-tokenizer.py. */
const fixture = JSON.parse(
  readFileSync(
    new URL("../../test/fixtures/nursery/tokenizer.json", import.meta.url),
    "utf8",
  ),
) as Fixture;

const folder = mkdtempSync(join(tmpdir(), "nursery-tokenizer-"));
for (const [name, text] of Object.entries(tokenizerFiles()))
  writeFileSync(join(folder, name), text);
const tokenizer = await openTokenizer(folder);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The fixture's texts are its own, special tokens included. */
const encode = (text: string): Promise<number[]> =>
  tokenizer.encode(tokenizer.trust(text), { addSpecialTokens: true });

describe("the nursery tokenizer files", () => {
  it("are the ones the Python fixture was made with", () => {
    const hashes = Object.fromEntries(
      Object.entries(tokenizerFiles()).map(([name, text]) => [
        name,
        sha256(text),
      ]),
    );
    expect(hashes).toEqual(fixture.files);
  });

  it("are the ones beside the shipped base model", () => {
    for (const [name, text] of Object.entries(tokenizerFiles())) {
      const shipped = readFileSync(
        new URL(`../../nursery/m0/${name}`, import.meta.url),
        "utf8",
      );
      expect(JSON.parse(shipped), name).toEqual(JSON.parse(text));
    }
  });

  it.each(fixture.encoded)("encode $text to the ids of Python", async (row) => {
    expect(await encode(row.text)).toEqual(row.ids);
  });

  it.each(fixture.encoded)(
    "decode the ids of $text to the text of Python",
    async (row) => {
      expect(await tokenizer.decode(row.ids)).toBe(row.withoutSpecial);
    },
  );

  it("give back single-space text unchanged", async () => {
    const text =
      "mia wrote that 4 7 is one odd number . the teacher said right .";
    expect(await tokenizer.decode(await encode(text))).toBe(text);
  });

  it("render conversations as Python does", async () => {
    for (const row of fixture.rendered) {
      const rendered = tokenizer.applyChatTemplate(row.messages, {
        addGenerationPrompt: row.add_generation_prompt,
      });
      expect(rendered).toBe(tokenizer.trust(row.text));
      expect(await encode(rendered)).toEqual(row.ids);
    }
  });

  it("make the rendered prompt a prefix of the conversation, in text and tokens", () => {
    const [prompt, conversation] = fixture.rendered;
    expect(conversation?.text.startsWith(prompt?.text ?? "?")).toBe(true);
    expect(conversation?.ids.slice(0, prompt?.ids.length)).toEqual(prompt?.ids);
  });

  it("refuse roles the template does not know", () => {
    expect(() =>
      tokenizer.applyChatTemplate([{ role: "system", content: "be kind" }], {
        addGenerationPrompt: false,
      }),
    ).toThrow(/user and assistant only/);
  });

  it("give every token the id that is its index", () => {
    expect(tokenizer.vocabSize).toBe(VOCABULARY.length);
    for (const [id, token] of VOCABULARY.entries())
      expect(tokenizer.tokenId(token)).toBe(id);
    expect(fixture.special).toEqual({ eos: 1, pad: 0, unk: 4, size: 598 });
    expect(tokenizer.eosTokenId).toBe(1);
    expect(tokenizer.padTokenId).toBe(0);
    expect(generationConfig()).toEqual({ eos_token_id: 1, pad_token_id: 0 });
  });
});
