/**
 * @file Which family of models is held against the real transformers in which way: the
 * one table that the tests run over and docs/models.md is written from.
 *
 * An exception names its reason; where the program refuses, the reason stands in its
 * error, and a test says so.
 */

/** One column of docs/models.md. */
export interface Aspect {
  readonly title: string;
  /** What is compared, and how closely. */
  readonly claim: string;
  /** The tests that run over the table. */
  readonly tests: readonly string[];
}

const PARITY = "test/golden/families.test.ts";
const FILES = "test/checkpoints/families.test.ts";

export const ASPECTS = {
  logits: {
    title: "Logits",
    claim:
      "Every position of a row over the cache, the last of a padded batch, and packed rows with and without padding: 1e-4 of the largest",
    tests: [PARITY],
  },
  greedy: {
    title: "Greedy",
    claim:
      "64 tokens, identical: all rows at once or one at a time, one sample or three, with the cache and without it, padded and not",
    tests: [PARITY],
  },
  sft: {
    title: "SFT",
    claim: "Supervised loss to 1e-5, the gradient of every parameter to 1e-3",
    tests: [PARITY],
  },
  dpo: {
    title: "DPO",
    claim: "Preference loss to 1e-5, the gradient of every parameter to 1e-3",
    tests: [PARITY],
  },
  adapter: {
    title: "LoRA read",
    claim: "PEFT's adapter merged into the model: logits to 1e-4",
    tests: ["test/golden/lora.test.ts"],
  },
  lora: {
    title: "LoRA trained",
    claim:
      "Loss to 1e-5 and gradients of PEFT's own adapter to 1e-3; what training writes, PEFT loads",
    tests: ["test/golden/lora.test.ts", "test/peers/checkpoints.peers.test.ts"],
  },
  tokenizer: {
    title: "Tokenizer",
    claim:
      "Awkward texts and nonsense ids encoded and decoded as the Rust library does",
    tests: [FILES],
  },
  chat: {
    title: "Chat template",
    claim: "Conversations rendered, or refused, as by the Python engine",
    tests: [FILES],
  },
  files: {
    title: "Files",
    claim:
      "Read in the form named; saved in shards and read again without a change, and one file byte for byte as the safetensors library writes it",
    tests: [FILES],
  },
  gguf: {
    title: "GGUF",
    claim:
      "Exported as f32, f16 and q8_0; llama.cpp adds the same greedy tokens. What it would compute differently is refused; Mistral and Qwen3 without a window, and SmolLM3 with its usual layers, are exported and agree",
    tests: ["test/checkpoints/gguf.test.ts", "test/peers/gguf.peers.test.ts"],
  },
} as const satisfies Readonly<Record<string, Aspect>>;

export type AspectName = keyof typeof ASPECTS;

export interface FamilyCase {
  /** Folder in test/fixtures/checkpoints. */
  readonly fixture: string;
  readonly family: string;
  /** Of `config.json`. */
  readonly modelType: string;
  /** What the fixture switches on of what the family can have. */
  readonly switchedOn: string;
  readonly stored: {
    readonly format: "f32" | "f16" | "bf16";
    readonly shards: number;
  };
  /** Aspects that do not hold, and why; the words of the error where there is one. */
  readonly except: Readonly<Partial<Record<AspectName, string>>>;
}

export const FAMILY_CASES: readonly FamilyCase[] = [
  {
    fixture: "llama",
    family: "Llama 1 and 2, SmolLM, SmolLM2",
    modelType: "llama",
    switchedOn: "grouped queries, untied head",
    stored: { format: "f32", shards: 1 },
    except: {},
  },
  {
    fixture: "llama3",
    family: "Llama 3.x",
    modelType: "llama",
    switchedOn:
      "llama3 rope scaling, head size of its own, all biases, tied head",
    stored: { format: "bf16", shards: 3 },
    except: {},
  },
  {
    fixture: "mistral",
    family: "Mistral",
    modelType: "mistral",
    switchedOn: "sliding window, one key/value head, untied head",
    stored: { format: "f16", shards: 1 },
    except: { gguf: "llama.cpp would ignore its sliding window" },
  },
  {
    fixture: "qwen2",
    family: "Qwen2, Qwen2.5",
    modelType: "qwen2",
    switchedOn: "q/k/v biases, YaRN, tied head",
    stored: { format: "f32", shards: 2 },
    except: {
      lora: "the fixture's adapter has a rank for each layer, which training does not make",
    },
  },
  {
    fixture: "qwen3",
    family: "Qwen3",
    modelType: "qwen3",
    switchedOn:
      "q/k norm, sliding window on one layer, head size of its own, untied head",
    stored: { format: "bf16", shards: 1 },
    except: { gguf: "llama.cpp would ignore its sliding window" },
  },
  {
    fixture: "smollm3",
    family: "SmolLM3",
    modelType: "smollm3",
    switchedOn: "a layer without positions, tied head",
    stored: { format: "f32", shards: 1 },
    except: {
      gguf: "llama.cpp expects every fourth layer, and no other, without rope",
    },
  },
  {
    fixture: "gemma2",
    family: "Gemma 2",
    modelType: "gemma2",
    switchedOn: "both soft caps, alternating window, query scale, four norms",
    stored: { format: "f32", shards: 1 },
    except: { gguf: 'model_type "gemma2" is not covered' },
  },
  {
    fixture: "gemma3",
    family: "Gemma 3 (text)",
    modelType: "gemma3_text",
    switchedOn: "q/k norm, two rope bases, linear scaling, window",
    stored: { format: "bf16", shards: 1 },
    except: { gguf: 'model_type "gemma3_text" is not covered' },
  },
  {
    fixture: "phi3",
    family: "Phi-3",
    modelType: "phi3",
    switchedOn:
      "fused projections, half of each head rotated, window, untied head",
    stored: { format: "f16", shards: 1 },
    except: { gguf: 'model_type "phi3" is not covered' },
  },
];

/** Fixtures for which an aspect holds. */
export function fixturesWith(aspect: AspectName): string[] {
  return FAMILY_CASES.filter(({ except }) => except[aspect] === undefined).map(
    ({ fixture }) => fixture,
  );
}

/** Fixtures for which it does not, with the reason. */
export function fixturesWithout(aspect: AspectName): [string, string][] {
  return FAMILY_CASES.flatMap(({ fixture, except }): [string, string][] => {
    const reason = except[aspect];
    return reason === undefined ? [] : [[fixture, reason]];
  });
}
