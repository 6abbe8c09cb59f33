/**
 * @file A `tokenizer.json` as GGUF metadata that llama.cpp tokenises with.
 *
 * Three kinds are covered: byte-level BPE with a pre-tokeniser that llama.cpp knows
 * by name, BPE with byte fallback (SentencePiece's), and whole words between spaces,
 * which become a unigram vocabulary of words. Anything else is refused: a GGUF that
 * tokenises differently would be silently wrong.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { AutodidactError } from "../foundation/error.js";
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import { readJson, readText } from "../checkpoints/files/checkpoint-file.js";
import type { GgufValue } from "./gguf-file.js";
import { bytePreTokenizer, spacePrefix } from "./gguf-pre-tokenizers.js";
import type { TextTokenizer } from "../checkpoints/tokenizer/tokenizer.js";

const definition = z.looseObject({
  normalizer: z.unknown(),
  pre_tokenizer: z.unknown(),
  model: z.looseObject({
    type: z.string(),
    vocab: z.record(z.string(), z.number()),
    merges: z
      .array(z.union([z.string(), z.tuple([z.string(), z.string()])]))
      .default([]),
    byte_fallback: z.boolean().nullish(),
    ignore_merges: z.boolean().nullish(),
    continuing_subword_prefix: z.string().nullish(),
    end_of_word_suffix: z.string().nullish(),
  }),
});

type Definition = z.infer<typeof definition>;
type Entry = readonly [string, GgufValue];

/** What llama.cpp calls the kinds of tokens. */
const TOKEN_KIND = {
  normal: 1,
  unknown: 2,
  control: 3,
  userDefined: 4,
  unused: 5,
  byte: 6,
} as const;

/**
 * The `tokenizer.*` entries for a checkpoint.
 * @throws BAD_CHECKPOINT when llama.cpp has no equal tokenizer
 */
export async function ggufTokenizer(checkpoint: Checkpoint): Promise<Entry[]> {
  const { folder, tokenizer, config } = checkpoint;
  const path = join(folder, "tokenizer.json");
  const parsed = definition.safeParse(await readJson(path));
  if (!parsed.success) throw unsupported(path, "its vocabulary is not a table");
  const source = parsed.data;
  refuseFlags(tokenizer, path);
  const tokens = tokenTable(source, tokenizer, config.vocabSize);
  const added = await addedAround(tokenizer, path);
  const id = (name: string, value: number | null): Entry[] =>
    value === null
      ? []
      : [[`tokenizer.ggml.${name}_token_id`, { type: "u32", value }]];
  const template = await chatTemplate(folder);
  return [
    ...modelEntries(source, tokens, path),
    [
      "tokenizer.ggml.tokens",
      { type: "strings", value: tokens.map(({ text }) => text) },
    ],
    [
      "tokenizer.ggml.token_type",
      { type: "i32s", value: tokens.map(({ kind }) => kind) },
    ],
    ...id("bos", tokenizer.bosTokenId),
    ...id("eos", tokenizer.eosTokenId ?? checkpoint.eosTokenIds[0] ?? null),
    ...id("padding", tokenizer.padTokenId),
    [
      "tokenizer.ggml.add_bos_token",
      {
        type: "bool",
        value: added.bos,
      },
    ],
    ["tokenizer.ggml.add_eos_token", { type: "bool", value: added.eos }],
    ...(template === null
      ? []
      : [
          [
            "tokenizer.chat_template",
            { type: "string", value: template },
          ] as const,
        ]),
  ];
}

interface Token {
  readonly text: string;
  readonly kind: number;
}

/** llama.cpp finds every token wherever it is written, and only there. */
function refuseFlags({ addedTokens }: TextTokenizer, path: string): void {
  for (const token of addedTokens)
    for (const flag of ["single_word", "lstrip", "rstrip"] as const)
      if (token[flag])
        throw unsupported(
          path,
          `its added token "${token.content}" has ${flag}, which llama.cpp does not know`,
        );
}

/** What the tokenizer adds by itself; llama.cpp can add a BOS and an EOS. */
async function addedAround(
  tokenizer: TextTokenizer,
  path: string,
): Promise<{ readonly bos: boolean; readonly eos: boolean }> {
  const plain = await tokenizer.encode("a", { addSpecialTokens: false });
  const whole = await tokenizer.encode("a", { addSpecialTokens: true });
  const { bosTokenId, eosTokenId } = tokenizer;
  const bos = whole.length > plain.length && whole[0] === bosTokenId;
  const eos =
    whole.length > plain.length + (bos ? 1 : 0) && whole.at(-1) === eosTokenId;
  if (whole.length !== plain.length + Number(bos) + Number(eos))
    throw unsupported(
      path,
      "its post_processor adds other tokens than one BOS and one EOS",
    );
  return { bos, eos };
}

function tokenTable(
  source: Definition,
  { addedTokens }: TextTokenizer,
  vocabSize: number,
): Token[] {
  const tokens: Token[] = Array.from({ length: vocabSize }, (_, index) => ({
    text: `[PAD${index}]`,
    kind: TOKEN_KIND.unused,
  }));
  const { byte_fallback: bytes, vocab } = source.model;
  const words = source.model.type === "WordLevel";
  for (const [text, index] of Object.entries(vocab)) {
    const isByte = bytes === true && /^<0x[0-9A-F]{2}>$/.test(text);
    tokens[index] = {
      text: words ? `▁${text}` : text,
      kind: isByte ? TOKEN_KIND.byte : TOKEN_KIND.normal,
    };
  }
  for (const { id, content, special } of addedTokens)
    tokens[id] = {
      text: content,
      kind: special ? TOKEN_KIND.control : TOKEN_KIND.userDefined,
    };
  return tokens;
}

function modelEntries(
  source: Definition,
  tokens: readonly Token[],
  path: string,
): Entry[] {
  const { model } = source;
  for (const field of [
    "continuing_subword_prefix",
    "end_of_word_suffix",
  ] as const)
    if (model[field])
      throw unsupported(
        path,
        `its model.${field} is "${model[field]}", which llama.cpp does not know`,
      );
  if (model.type === "BPE" && model.byte_fallback) {
    const prefix = spacePrefix(source);
    if ("reason" in prefix) throw unsupported(path, prefix.reason);
    const ranks = mergeRanks(model.merges);
    // A token no merge makes is never chosen over one that is made.
    const scores = tokens.map(({ text }) => -(ranks.get(text) ?? 1e6));
    return [
      ["tokenizer.ggml.model", { type: "string", value: "llama" }],
      ["tokenizer.ggml.scores", { type: "f32s", value: scores }],
      ...spacePrefixEntry(prefix.isAdded),
    ];
  }
  if (model.type === "BPE") {
    const pre = bytePreTokenizer({
      ...source,
      ignoresMerges: model.ignore_merges ?? false,
    });
    if ("reason" in pre) throw unsupported(path, pre.reason);
    const merges = model.merges.map((merge) =>
      typeof merge === "string" ? merge : merge.join(" "),
    );
    return [
      ["tokenizer.ggml.model", { type: "string", value: "gpt2" }],
      ["tokenizer.ggml.pre", { type: "string", value: pre.name }],
      ["tokenizer.ggml.merges", { type: "strings", value: merges }],
    ];
  }
  const plainWords =
    model.type === "WordLevel" &&
    (source.normalizer ?? null) === null &&
    JSON.stringify(source.pre_tokenizer) === '{"type":"WhitespaceSplit"}';
  if (!plainWords) throw unsupported(path, `it is a ${model.type} tokenizer`);
  const scores = tokens.map(() => 0);
  return [
    ["tokenizer.ggml.model", { type: "string", value: "t5" }],
    ["tokenizer.ggml.scores", { type: "f32s", value: scores }],
    ...spacePrefixEntry(true),
    ["tokenizer.ggml.remove_extra_whitespaces", { type: "bool", value: true }],
  ];
}

function spacePrefixEntry(value: boolean): Entry[] {
  return [["tokenizer.ggml.add_space_prefix", { type: "bool", value }]];
}

/** The first merge that makes each token. */
function mergeRanks(
  merges: Definition["model"]["merges"],
): Map<string, number> {
  const ranks = new Map<string, number>();
  for (const [rank, merge] of merges.entries()) {
    const made = (typeof merge === "string" ? merge.split(" ") : merge).join(
      "",
    );
    if (!ranks.has(made)) ranks.set(made, rank);
  }
  return ranks;
}

async function chatTemplate(folder: string): Promise<string | null> {
  const file = join(folder, "chat_template.jinja");
  if (existsSync(file)) return readText(file);
  const settings = join(folder, "tokenizer_config.json");
  if (!existsSync(settings)) return null;
  const { chat_template: template } = (await readJson(settings)) as {
    readonly chat_template?: unknown;
  };
  return typeof template === "string" ? template : null;
}

function unsupported(path: string, reason: string): AutodidactError {
  return new AutodidactError(
    "BAD_CHECKPOINT",
    `${path} cannot be exported to GGUF: ${reason}. Export in safetensors form instead.`,
    { path },
  );
}
