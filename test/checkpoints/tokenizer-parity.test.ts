/**
 * @file Every part that a `tokenizer.json` may have, against the Rust library itself:
 * ids, decoded texts, and texts whose special tokens are ordinary text.
 *
 * The numbers are made by scripts/fixtures/tokenizer-parity.py.
 */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PARTS } from "../../src/checkpoints/tokenizer/components.js";
import { openTokenizer } from "../../src/checkpoints/tokenizer/tokenizer.js";

type Part = Readonly<Record<string, unknown>>;

/** What the library makes of one structure. */
type Made = readonly [
  ids: readonly (readonly number[])[],
  decoded: readonly string[],
  /** Without what a post-processor adds, and with special tokens as ordinary text. */
  plain: readonly (readonly number[])[],
  decodedRows: readonly string[],
];

interface Fixture {
  readonly texts: readonly string[];
  /** Any numbers; modulo a vocabulary's size and five more, ids to decode. */
  readonly rows: readonly (readonly number[])[];
  readonly added: readonly { readonly content: string }[];
  /** The texts of `plain`, in which special tokens are spelled out. */
  readonly spelled: readonly number[];
  /** Packed. */
  readonly models: Readonly<Record<string, string>>;
  readonly structures: readonly {
    readonly model: string;
    readonly parts: Readonly<Record<string, Part>>;
    /** Packed; of most structures there are the digests only. */
    readonly made?: string;
    readonly digests?: readonly string[];
  }[];
}

const unpacked = (text: string): unknown =>
  JSON.parse(inflateSync(Buffer.from(text, "base64")).toString("utf8"));

const digest = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);

const fixture = JSON.parse(
  await readFile("test/fixtures/tokenizers/parity.json", "utf8"),
) as Fixture;
const { texts } = fixture;
const structures = fixture.structures.map((each, index) => ({
  ...each,
  name: `${index}: ${each.model} with ${JSON.stringify(each.parts).slice(0, 160)}`,
}));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parity-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function madeHere(definition: object): Promise<Made> {
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(definition));
  const tokenizer = await openTokenizer(folder);
  const decode = (rows: readonly (readonly number[])[]) =>
    Promise.all(rows.map((row) => tokenizer.decode(row)));
  const ids = await Promise.all(
    texts.map((text) =>
      tokenizer.encode(tokenizer.trust(text), { addSpecialTokens: true }),
    ),
  );
  const plain = await Promise.all(
    fixture.spelled.map((index) =>
      tokenizer.encode(texts[index] ?? "", { addSpecialTokens: false }),
    ),
  );
  const rows = fixture.rows.map((row) =>
    row.map((each) => each % (tokenizer.vocabSize + 5)),
  );
  return [ids, await decode(ids), plain, await decode(rows)];
}

/** Each value beside what it is made of, so that a difference names its text. */
function named([ids, decoded, plain, decodedRows]: Made): unknown {
  const spelled = fixture.spelled.map((index) => texts[index]);
  const beside = (given: readonly unknown[], made: readonly unknown[]) =>
    given.map((each, index) => ({ of: each, made: made[index] }));
  return {
    ids: beside(texts, ids),
    decoded: beside(texts, decoded),
    plain: beside(spelled, plain),
    decodedRows: beside(fixture.rows, decodedRows),
  };
}

describe("tokenizer.json", () => {
  it.each(structures)("$name", async ({ model, parts, made, digests }) => {
    const here = await madeHere({
      version: "1.0",
      added_tokens: fixture.added,
      model: unpacked(fixture.models[model] ?? ""),
      ...parts,
    });
    if (made === undefined) expect(here.map(digest)).toEqual(digests);
    else expect(named(here)).toEqual(named(unpacked(made) as Made));
  });

  it.each(Object.entries(PARTS))(
    "has every kind of its %s among them",
    (name, { inside, kinds }) => {
      const kindsOf = (part: Part | undefined): unknown[] => {
        const parts = part?.[inside];
        return [
          part?.["type"],
          ...(Array.isArray(parts) ? (parts as Part[]).flatMap(kindsOf) : []),
        ];
      };
      const tried = structures.flatMap(({ parts }) => kindsOf(parts[name]));
      expect(tried).toEqual(expect.arrayContaining(Object.keys(kinds)));
    },
  );
});
