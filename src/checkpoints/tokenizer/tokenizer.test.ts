import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTokenizer, type TextTokenizer } from "./tokenizer.js";

interface Fixture {
  readonly definitions: Readonly<
    Record<string, Readonly<Record<string, unknown>>>
  >;
  readonly cases: readonly {
    readonly name: string;
    readonly base: string;
    readonly settings: Readonly<Record<string, unknown>>;
    readonly addedTokens?: readonly object[];
    readonly normalizer?: object;
    readonly rows: readonly {
      readonly text: string;
      readonly ids: readonly number[];
      readonly decodedPlain: string;
    }[];
  }[];
}

/** Made with the real transformers by scripts/fixtures/tokenizer-settings.py. */
const fixture = JSON.parse(
  readFileSync(
    new URL("../../../test/fixtures/tokenizers/settings.json", import.meta.url),
    "utf8",
  ),
) as Fixture;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tokenizer-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function open(
  definition: object,
  settings: object,
): Promise<TextTokenizer> {
  const write = (name: string, content: object) =>
    writeFile(join(folder, name), JSON.stringify(content));
  await write("tokenizer.json", definition);
  await write("tokenizer_config.json", settings);
  return openTokenizer(folder);
}

describe("a tokenizer and its settings", () => {
  it.each(fixture.cases)(
    "reads and decodes as transformers does: $name",
    async ({ base, settings, addedTokens = [], normalizer = null, rows }) => {
      const definition = fixture.definitions[base];
      const tokenizer = await open(
        {
          ...definition,
          normalizer,
          added_tokens: [
            ...(definition?.["added_tokens"] as readonly object[]),
            ...addedTokens,
          ],
        },
        settings,
      );
      for (const { text, ids, decodedPlain } of rows) {
        const found = await tokenizer.encode(tokenizer.trust(text), {
          addSpecialTokens: false,
        });
        expect(found).toEqual(ids);
        expect(await tokenizer.decode(ids)).toBe(decodedPlain);
      }
    },
  );
});
