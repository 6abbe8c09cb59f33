/**
 * @file How a text is cut before merging, in llama.cpp's names and conditions.
 *
 * llama.cpp has these rules built in and looks only at their name, so a tokenizer is
 * covered when its normaliser and its whole pre-tokeniser are the ones behind a name,
 * and not when they look like them. One difference is let pass, as llama.cpp's own
 * converter does: Qwen composes characters (NFC) before it cuts, llama.cpp reads them
 * as they are written. Text that is composed already, as nearly all is, gives the
 * same tokens.
 */

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const SPLIT_BEFORE_DIGITS = `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|`;
const SPLIT_AFTER_DIGITS =
  "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

interface BytePreTokenizer {
  readonly name: string;
  readonly normalizer: string;
  readonly steps: readonly string[];
  /** Whether a whole word that is a token is taken without merging. */
  readonly ignoresMerges: boolean;
}

const BYTE_PRE_TOKENIZERS: readonly BytePreTokenizer[] = [
  {
    name: "llama-bpe",
    normalizer: "none",
    steps: [
      isolated(`${SPLIT_BEFORE_DIGITS}\\p{N}{1,3}${SPLIT_AFTER_DIGITS}`),
      bytes({ use_regex: false }),
    ],
    ignoresMerges: true,
  },
  {
    name: "qwen2",
    normalizer: "NFC",
    steps: [
      isolated(`${SPLIT_BEFORE_DIGITS}\\p{N}${SPLIT_AFTER_DIGITS}`),
      bytes({ use_regex: false }),
    ],
    ignoresMerges: false,
  },
  {
    name: "smollm",
    normalizer: "none",
    steps: ["Digits(individual)", bytes({ use_regex: true })],
    ignoresMerges: false,
  },
  {
    name: "gpt-2",
    normalizer: "none",
    steps: [bytes({ use_regex: true })],
    ignoresMerges: false,
  },
];

/** What was found, or why it is not covered. */
export type Found<T> = T | { readonly reason: string };

export interface CutRules {
  readonly normalizer?: unknown;
  readonly pre_tokenizer?: unknown;
  readonly ignoresMerges: boolean;
}

/** llama.cpp's name for the cutting of a byte-level BPE. */
export function bytePreTokenizer(rules: CutRules): Found<{ name: string }> {
  const steps = stepsOf(rules.pre_tokenizer);
  const same = BYTE_PRE_TOKENIZERS.filter(
    (known) => known.steps.join("\n") === steps.join("\n"),
  );
  const [first] = same;
  if (!first)
    return {
      reason: `llama.cpp has no name for its pre_tokenizer, ${shown(steps)}`,
    };
  const normalizer = stepsOf(rules.normalizer).join(", ") || "none";
  if (normalizer !== "none" && normalizer !== first.normalizer)
    return {
      reason: `its normalizer is ${shown([normalizer])}, which llama.cpp does not apply`,
    };
  if (first.ignoresMerges !== rules.ignoresMerges)
    return {
      reason: `its model.ignore_merges is ${rules.ignoresMerges}, and llama.cpp's ${first.name} does the opposite`,
    };
  return { name: first.name };
}

const TO_MARKS = 'Replace(" " by "▁")';

/** Whether a BPE after SentencePiece puts a space before each stretch of text. */
export function spacePrefix(rules: {
  readonly normalizer?: unknown;
  readonly pre_tokenizer?: unknown;
}): Found<{ isAdded: boolean }> {
  const normalizer = stepsOf(rules.normalizer).join(", ");
  const steps = stepsOf(rules.pre_tokenizer).join(", ");
  // After the spaces are replaced Gemma's split finds nothing to split.
  if (steps === "" || steps === 'Split(" " MergedWithPrevious)') {
    if (normalizer === TO_MARKS) return { isAdded: false };
    if (normalizer === `Prepend("▁"), ${TO_MARKS}` && steps === "")
      return { isAdded: true };
  }
  if (normalizer === "") {
    if (steps === "Metaspace(▁ always)") return { isAdded: true };
    if (steps === "Metaspace(▁ never)") return { isAdded: false };
  }
  return {
    reason: `llama.cpp has none like its normalizer (${shown([normalizer || "none"])}) with its pre_tokenizer (${shown([steps || "none"])})`,
  };
}

function isolated(regex: string): string {
  return `Split(/${regex}/ Isolated)`;
}

function bytes(options: { readonly use_regex: boolean }): string {
  return `ByteLevel(${options.use_regex ? "with" : "without"} regex)`;
}

type Step = Readonly<Record<string, unknown>>;

/** Each step in words, with everything that changes what it does. */
function stepsOf(part: unknown): string[] {
  if (part === null || part === undefined) return [];
  const step = part as Step;
  const inner = step["pretokenizers"] ?? step["normalizers"];
  return step["type"] === "Sequence" && Array.isArray(inner)
    ? inner.flatMap(stepsOf)
    : [stepText(step)];
}

function stepText(step: Step): string {
  const pattern = step["pattern"] as Step | undefined;
  switch (step["type"]) {
    case "ByteLevel":
      if (step["add_prefix_space"] !== false)
        return "ByteLevel(with a space before)";
      return bytes({ use_regex: step["use_regex"] !== false });
    case "Digits":
      return step["individual_digits"] === true
        ? "Digits(individual)"
        : "Digits(together)";
    case "Split":
      if (step["invert"] === true) break;
      return typeof pattern?.["Regex"] === "string"
        ? `Split(/${pattern["Regex"]}/ ${String(step["behavior"])})`
        : `Split(${JSON.stringify(pattern?.["String"])} ${String(step["behavior"])})`;
    case "NFC":
      return "NFC";
    case "Prepend":
      return `Prepend(${JSON.stringify(step["prepend"])})`;
    case "Replace":
      if (typeof pattern?.["String"] !== "string") break;
      return `Replace(${JSON.stringify(pattern["String"])} by ${JSON.stringify(step["content"])})`;
    case "Metaspace":
      // Where words are split off, merges could not cross them.
      if (step["split"] !== false) break;
      return `Metaspace(${String(step["replacement"])} ${String(step["prepend_scheme"])})`;
  }
  return JSON.stringify(step);
}

/** Long enough to recognise a step, short enough for one line. */
const SHOWN_LENGTH = 120;

function shown(steps: readonly string[]): string {
  const text = steps.join(", ") || "none";
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
