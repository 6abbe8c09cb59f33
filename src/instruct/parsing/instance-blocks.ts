/**
 * @file Reading instances out of a model's answer: input-first blocks
 * ("Input: … Output: …") and output-first blocks ("Class label: … input").
 *
 * Every accepted input and output is text of the answer, trimmed, line breaks kept.
 * The rules of a pack (empty output and so on) are not asked here.
 * Paper: section 2.2, instance generation; tables 7 and 8 for the two approaches.
 */
import type { LanguagePack } from "../language-packs/language-pack.js";
import type {
  Answer,
  FragmentReason,
  Instance,
  Parsed,
  RejectedFragment,
} from "../records.js";
import { fragments, readableText } from "./answer-text.js";
import {
  inputText,
  labelReader,
  type LabelKind,
  type LabelledLine,
} from "./labelled-lines.js";

export interface InstanceBlockOptions {
  readonly pack: LanguagePack;
  /** The prompt ended where the first block begins (completion style): leading text is an input. */
  readonly continues: boolean;
  /** Most instances taken from one answer; 5 in the released code. */
  readonly limit: number;
  /** Drop the last instance of an answer that the token limit cut off. */
  readonly dropTruncated: boolean;
}

interface Block {
  /** Verbatim lines, labels included. */
  readonly raw: string[];
  readonly input: string[];
  readonly output: string[];
  hasInputLabel: boolean;
  hasOutput: boolean;
  /** Opened by an example mark or a label rather than by leading text. */
  readonly opened: boolean;
}

type Piece = { readonly block: Block } | RejectedFragment;

/** Instances of an input-first answer in their order. Never throws. */
export function parseInputFirst(
  answer: Answer,
  options: InstanceBlockOptions,
): Parsed<Instance> {
  return collect(answer, options, inputFirstPieces);
}

/** Instances of an output-first answer in their order; the label is the output. Never throws. */
export function parseOutputFirst(
  answer: Answer,
  options: InstanceBlockOptions,
): Parsed<Instance> {
  return collect(answer, options, outputFirstPieces);
}

function collect(
  answer: Answer,
  options: InstanceBlockOptions,
  cut: (text: string, options: InstanceBlockOptions) => readonly Piece[],
): Parsed<Instance> {
  const { text, rejected: before } = readableText(answer);
  const pieces = cut(text, options);
  const truncated =
    options.dropTruncated && answer.finishReason === "length"
      ? pieces.at(-1)
      : undefined;
  const accepted: Instance[] = [];
  const rejected: RejectedFragment[] = [...before];
  for (const piece of pieces) {
    if (!("block" in piece)) {
      rejected.push(piece);
      continue;
    }
    const { block } = piece;
    const reject = (reason: FragmentReason): void => {
      rejected.push(...fragments(block.raw.join("\n"), reason));
    };
    if (piece === truncated) reject("truncated-last-item");
    else if (!block.hasOutput) reject("no-output");
    else if (accepted.length === options.limit) reject("too-many-items");
    else {
      accepted.push({
        input: inputText(block.input.join("\n"), options.pack.labels),
        output: block.output.join("\n").trim(),
      });
    }
  }
  return { accepted, rejected };
}

function inputFirstPieces(
  text: string,
  { pack, continues }: InstanceBlockOptions,
): Piece[] {
  const lines = text.split(/\r?\n/u);
  const read = labelReader(pack);
  const labels = lines.map(read);
  if (!labels.some((label) => label?.kind === "output")) {
    return fragments(text, "no-structure").slice();
  }
  const end = nextTask(labels, "output");
  const blocks: Block[] = [];
  let current = newBlock(false);
  lines.slice(0, end).forEach((line, index) => {
    const label = labels[index];
    if (label !== undefined && opensBlock(label.kind, current)) {
      blocks.push(current);
      current = newBlock(true);
    }
    addInputFirstLine(current, line, label);
  });
  blocks.push(current);
  const pieces = blocks.flatMap((block): readonly Piece[] => {
    if (!hasText(block.raw)) return [];
    return block.opened || (continues && block.hasOutput)
      ? [{ block }]
      : leadingPieces(block);
  });
  return [...pieces, ...fragments(lines.slice(end).join("\n"), "next-task")];
}

/** Text before the first label of a chat answer is talk; what follows the label counts. */
function leadingPieces(block: Block): readonly Piece[] {
  const preamble = fragments(block.input.join("\n"), "preamble");
  if (!block.hasOutput) return preamble;
  const raw = block.raw.slice(block.input.length);
  return [...preamble, { block: { ...block, raw, input: [] } }];
}

function addInputFirstLine(
  block: Block,
  line: string,
  label: LabelledLine | undefined,
): void {
  block.raw.push(line);
  if (label?.kind === "input") {
    block.hasInputLabel = true;
    block.input.push(hasText(block.input) ? line : label.rest);
  } else if (label?.kind === "output" && !block.hasOutput) {
    block.hasOutput = true;
    block.output.push(label.rest);
  } else if (label?.kind === "example") {
    if (label.rest !== "") block.input.push(label.rest);
  } else {
    (block.hasOutput ? block.output : block.input).push(line);
  }
}

function opensBlock(kind: LabelKind, current: Block): boolean {
  switch (kind) {
    case "example":
      return true;
    case "input":
      return current.hasOutput || current.hasInputLabel || !current.opened;
    case "output":
      // "Output:" and then "Answer: 5" on the next line is one output.
      return hasText(current.output);
    case "task":
    case "classLabel":
      return false;
    default:
      return kind satisfies never;
  }
}

function outputFirstPieces(
  text: string,
  { pack, continues }: InstanceBlockOptions,
): Piece[] {
  const lines = text.split(/\r?\n/u);
  const labels = lines.map(labelReader(pack));
  const starts = labels.some((label) => label?.kind === "classLabel");
  if (!starts && !continues) return fragments(text, "no-structure").slice();
  const end = nextTask(labels, continues ? undefined : "classLabel");
  const blocks: Block[] = [];
  // The completion prompt ends in "Class label:", so leading text is a label.
  let current = newBlock(continues);
  lines.slice(0, end).forEach((line, index) => {
    const label = labels[index];
    if (label?.kind === "classLabel" || label?.kind === "example") {
      blocks.push(current);
      // After an example mark nothing counts until its class label.
      current = newBlock(label.kind === "classLabel");
    }
    addOutputFirstLine(current, line, label);
  });
  blocks.push(current);
  const pieces = blocks.flatMap((block): readonly Piece[] => {
    if (!hasText(block.raw)) return [];
    return block.opened
      ? [{ block }]
      : fragments(block.raw.join("\n"), "preamble");
  });
  return [...pieces, ...fragments(lines.slice(end).join("\n"), "next-task")];
}

function addOutputFirstLine(
  block: Block,
  line: string,
  label: LabelledLine | undefined,
): void {
  if (label?.kind === "example") {
    if (label.rest !== "") block.raw.push(label.rest);
    return;
  }
  block.raw.push(line);
  const rest = label?.kind === "classLabel" ? label.rest : line;
  if (!block.hasOutput) {
    // The class label is the first line that is not blank.
    if (rest.trim() === "") return;
    block.hasOutput = true;
    block.output.push(rest);
  } else {
    const unlabelled = label?.kind === "input" && !hasText(block.input);
    block.input.push(unlabelled ? label.rest : line);
  }
}

/**
 * Index of the line where the model goes on to another task. A task line before
 * the first answer (`after`) is an echo of ours.
 */
function nextTask(
  labels: readonly (LabelledLine | undefined)[],
  after: LabelKind | undefined,
): number {
  const answered =
    after === undefined
      ? 0
      : labels.findIndex((label) => label?.kind === after);
  const index = labels.findIndex(
    (label, line) => line > answered && label?.kind === "task",
  );
  return index < 0 ? labels.length : index;
}

function hasText(lines: readonly string[]): boolean {
  return lines.some((line) => line.trim() !== "");
}

function newBlock(opened: boolean): Block {
  return {
    raw: [],
    input: [],
    output: [],
    hasInputLabel: false,
    hasOutput: false,
    opened,
  };
}
