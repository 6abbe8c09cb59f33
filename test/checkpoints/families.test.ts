/**
 * @file Every fixture family, opened and saved: what `transformers` wrote is read
 * as `transformers` reads it, and written back the same.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  openCheckpoint,
  saveCheckpoint,
  type Checkpoint,
} from "../../src/checkpoints/checkpoint.js";
import { parseConfig } from "../../src/checkpoints/config/config-file.js";
import { MODEL_TYPES } from "../../src/checkpoints/config/decoder-config.js";
import { openSafetensors } from "../../src/checkpoints/weights/safetensors.js";
import { formatConfig } from "../../src/checkpoints/config/config-writer.js";
import type { ChatMessage } from "../../src/data/records.js";
import { FAMILY_CASES, type AspectName } from "../golden/family-cases.js";

const ROOT = "test/fixtures/checkpoints";

interface TokenizerReference {
  readonly texts: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly plainIds: readonly number[];
    readonly decodedPlain: string;
  }[];
  readonly noise: readonly {
    readonly ids: readonly number[];
    readonly decoded: string;
  }[];
  readonly chats: readonly {
    readonly messages: readonly ChatMessage[];
    readonly text?: string;
    readonly prompt?: string;
    readonly promptIds?: readonly number[];
    readonly error?: string;
  }[];
}

const cases = FAMILY_CASES.map((each) => [each.fixture, each] as const);

/** Families stored as one file, with the format `transformers` stored them in. */
const singleFile = FAMILY_CASES.filter(({ stored }) => stored.shards === 1).map(
  ({ fixture, stored }) => [fixture, stored.format] as const,
);

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "families-"));
});
afterAll(() => rm(work, { recursive: true }));

it("has a case for every fixture and a fixture for every model type", () => {
  const folders = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(FAMILY_CASES.map(({ fixture }) => fixture).sort()).toEqual(folders);
  const types = new Set(FAMILY_CASES.map(({ modelType }) => modelType));
  expect([...types].sort()).toEqual([...MODEL_TYPES].sort());
});

describe.each(cases)(
  "the %s checkpoint",
  (family, { modelType, stored, except }) => {
    const itHas = (aspect: AspectName) =>
      it.runIf(except[aspect] === undefined);
    const folder = join(ROOT, family);
    const reference = JSON.parse(
      readFileSync(join(folder, "expected-tokenizer.json"), "utf8"),
    ) as TokenizerReference;
    let checkpoint: Checkpoint;
    beforeAll(async () => {
      checkpoint = await openCheckpoint(folder);
    });

    it("is of the model type and stored in the form that the table says", async () => {
      expect(checkpoint.config.modelType).toBe(modelType);
      const files = readdirSync(folder).filter((name) =>
        name.endsWith(".safetensors"),
      );
      expect(files).toHaveLength(stored.shards);
      const { tensors } = await openSafetensors(join(folder, files[0] ?? ""));
      const formats = new Set(
        [...tensors.values()].map(({ format }) => format),
      );
      expect([...formats]).toEqual([stored.format.toUpperCase()]);
    });

    itHas("tokenizer")(
      "encodes awkward texts as the Rust tokenizer does",
      async () => {
        const { tokenizer } = checkpoint;
        for (const { text, ids, plainIds } of reference.texts) {
          const ours = tokenizer.trust(text);
          expect(
            await tokenizer.encode(ours, { addSpecialTokens: true }),
          ).toEqual(ids);
          expect(
            await tokenizer.encode(ours, { addSpecialTokens: false }),
          ).toEqual(plainIds);
        }
      },
    );

    itHas("tokenizer")(
      "decodes texts and nonsense as the Rust tokenizer does",
      async () => {
        const { tokenizer } = checkpoint;
        for (const { ids, decodedPlain } of reference.texts)
          expect(await tokenizer.decode(ids)).toBe(decodedPlain);
        const special = new Set(
          tokenizer.addedTokens.flatMap((token) =>
            token.special ? [token.id] : [],
          ),
        );
        for (const { ids, decoded } of reference.noise)
          if (!ids.some((id) => special.has(id)))
            expect(await tokenizer.decode(ids)).toBe(decoded);
      },
    );

    itHas("chat")(
      "renders conversations, or refuses them, as the Python template engine does",
      async () => {
        const { tokenizer } = checkpoint;
        for (const chat of reference.chats) {
          const render = (addGenerationPrompt: boolean): string =>
            tokenizer.applyChatTemplate(chat.messages, { addGenerationPrompt });
          if (chat.error !== undefined) {
            expect(() => render(true)).toThrow(chat.error);
            continue;
          }
          expect(render(false)).toBe(tokenizer.trust(chat.text ?? ""));
          expect(render(true)).toBe(tokenizer.trust(chat.prompt ?? ""));
          expect(
            await tokenizer.encode(render(true), { addSpecialTokens: false }),
          ).toEqual(chat.promptIds);
        }
      },
    );

    it("keeps its description when config.json is written and read again", () => {
      const written = JSON.parse(
        formatConfig(checkpoint.config, "float32"),
      ) as unknown;
      expect(parseConfig(written, "config.json")).toEqual(checkpoint.config);
    });

    itHas("files")(
      "gives every weight back after it was saved in shards as float32",
      async () => {
        const copy = join(work, family);
        await saveCheckpoint({
          folder: copy,
          config: checkpoint.config,
          tokenizerFrom: folder,
          readParameter: (name) => checkpoint.readParameter(name),
          maxShardBytes: 30_000,
        });
        const reopened = await openCheckpoint(copy);
        expect(reopened.config).toEqual(checkpoint.config);
        expect(reopened.eosTokenIds).toEqual(checkpoint.eosTokenIds);
        for (const { name } of checkpoint.parameters)
          expect(await reopened.readParameter(name)).toEqual(
            await checkpoint.readParameter(name),
          );
      },
    );
  },
);

it("keeps a checkpoint's further chat templates, also when it replaces itself", async () => {
  const folder = join(work, "templates");
  const source = await openCheckpoint(join(ROOT, "qwen2"));
  const save = (tokenizerFrom: string) =>
    saveCheckpoint({
      folder,
      config: source.config,
      tokenizerFrom,
      readParameter: (name) => source.readParameter(name),
    });
  await save(source.folder);
  const further = "additional_chat_templates/tool_use.jinja";
  await mkdir(join(folder, "additional_chat_templates"));
  await writeFile(join(folder, further), "{{ tools | tojson }}");
  await save(folder);
  expect(await readFile(join(folder, further), "utf8")).toBe(
    "{{ tools | tojson }}",
  );
});

it.each(singleFile)(
  "writes the %s weights byte for byte as the safetensors library does (%s)",
  async (family, format) => {
    const folder = join(ROOT, family);
    const copy = join(work, `${family}-${format}`);
    const checkpoint = await openCheckpoint(folder);
    await saveCheckpoint({
      folder: copy,
      config: checkpoint.config,
      tokenizerFrom: folder,
      readParameter: (name) => checkpoint.readParameter(name),
      format,
    });
    const [ours, theirs] = await Promise.all(
      [copy, folder].map((at) => readFile(join(at, "model.safetensors"))),
    );
    expect(theirs && ours?.equals(theirs)).toBe(true);
  },
);
