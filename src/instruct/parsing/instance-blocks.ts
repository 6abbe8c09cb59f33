/**
 * @file Reading instances out of a model's answer: input-first blocks
 * ("Input: … Output: …") and output-first blocks ("Class label: … Input: …").
 *
 * What the model put into one output comes out as one output, or the whole block is
 * refused: an output may hold a quiz with its own "Answer:" lines, code that prints
 * "Output: 3", or an example in our very form. So a new instance needs what the
 * prompt's form has: numbered examples, each opening as the first one did, or for
 * labels the word with which the answer began. Labels in another style than the
 * answer's first are text. Where the text can be cut in two
 * ways, it is "ambiguous".
 *
 * Every accepted input and output is text of the answer, trimmed, line breaks kept.
 * The rules of a pack (empty output and so on) are not asked here.
 * Paper: section 2.2, instance generation; tables 7 and 8 for the two approaches.
 */
import {
  hasMarksInside,
  isInvisible,
  isStandIn,
  withoutTurnEnds,
} from "../../text/model-marks.js";
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
  asWritten,
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

/** A line of the answer with the label that opens it, if one does. */
interface Line {
  readonly text: string;
  readonly label: LabelledLine | undefined;
}

type Read = Instance | { readonly refused: FragmentReason };

/** The lines of one instance, and how they are read. */
interface Block {
  readonly lines: readonly Line[];
  /** Talk before the block, which the answer of a chat may begin with. */
  readonly preamble: readonly Line[];
  readonly read: (lines: readonly Line[]) => Read;
}

/** Instances of an input-first answer in their order. Never throws. */
export function parseInputFirst(
  answer: Answer,
  options: InstanceBlockOptions,
): Parsed<Instance> {
  return collect(answer, options, inputFirstBlocks);
}

/** Instances of an output-first answer in their order; the label is the output. Never throws. */
export function parseOutputFirst(
  answer: Answer,
  options: InstanceBlockOptions,
): Parsed<Instance> {
  return collect(answer, options, outputFirstBlocks);
}

function collect(
  answer: Answer,
  options: InstanceBlockOptions,
  cut: (
    lines: readonly Line[],
    options: InstanceBlockOptions,
  ) => readonly Block[] | FragmentReason,
): Parsed<Instance> {
  const { text, rejected: before } = readableText(answer);
  const label = labelReader(options.pack);
  const lines = text
    .split(/\r?\n/u)
    .map((line) => ({ text: line, label: label(line) }));
  const inStyle = styled(lines, options.continues && cut === outputFirstBlocks);
  const pieces = inStyle === undefined ? "ambiguous" : cut(inStyle, options);
  const blocks =
    typeof pieces !== "string" && pieces[0]?.preamble.some(namesItself) === true
      ? "ambiguous"
      : pieces;
  if (typeof blocks === "string") {
    return { accepted: [], rejected: [...before, ...fragments(text, blocks)] };
  }
  const truncated =
    options.dropTruncated && answer.finishReason === "length"
      ? blocks.at(-1)
      : undefined;
  const accepted: Instance[] = [];
  const rejected: RejectedFragment[] = [...before];
  for (const block of blocks) {
    rejected.push(...fragments(joined(block.preamble), "preamble"));
    const raw = joined(block.lines);
    const read: Read =
      block === truncated
        ? { refused: "truncated-last-item" }
        : hasMarksInside(raw)
          ? { refused: "marks-inside" }
          : block.read(block.lines);
    if ("refused" in read) rejected.push(...fragments(raw, read.refused));
    else if (accepted.length === options.limit) {
      rejected.push(...fragments(raw, "too-many-items"));
    } else accepted.push(withoutStandIn(read, options.pack));
  }
  return { accepted, rejected };
}

/**
 * `lines` with the labels of the answer's style alone: that of its first input, output
 * or class label, and for marks of examples that of the first before it. Undefined for
 * another style than ours with our labels in it as well, of which neither need be the
 * answer's own.
 * @param begun whether the prompt ended in a label
 */
function styled(
  lines: readonly Line[],
  begun: boolean,
): readonly Line[] | undefined {
  const isField = isLabelled("input", "output", "classLabel");
  const first = lines.findIndex(isField);
  const style = begun ? "colon" : (lines[first]?.label?.style ?? "colon");
  const isOurs = (line: Line): boolean =>
    isField(line) && line.label?.style === "colon" && line.label.isOurs;
  if (style !== "colon" && lines.some(isOurs)) return undefined;
  const mark = lines
    .slice(0, first < 0 ? undefined : first)
    .find(isLabelled("example"))?.label?.style;
  return lines.map((line) => {
    const { kind, style: own } = line.label ?? {};
    const counts =
      kind === "example"
        ? own === (mark ?? "colon")
        : own === style || (kind === "task" && own === "colon");
    return counts ? line : { ...line, label: undefined };
  });
}

/**
 * Whether a line before the first label has a label of its own that nobody knows, as in
 * "Sentence: I like it.": it may well be the input, and no row may lose that.
 */
function namesItself({ label, text }: Line): boolean {
  return (
    label === undefined &&
    /^[\s*_#>[【+•·●▪–—-]*\p{L}[\p{L} ]{0,30}[*_\]】]*(?:[:﹕︰](?=[*_]* )|[：】])[*_ ]*[^\s*_]/u.test(
      text,
    )
  );
}

function withoutStandIn(instance: Instance, pack: LanguagePack): Instance {
  const { input, output } = instance;
  const none =
    isInvisible(input) ||
    isStandIn(asWritten(input, pack), pack.labels.noInput);
  return { input: none ? "" : input, output: withoutTurnEnds(output) };
}

function inputFirstBlocks(
  lines: readonly Line[],
  { pack, continues }: InstanceBlockOptions,
): readonly Block[] | FragmentReason {
  const first = lines.findIndex(isLabelled("example", "input", "output"));
  const output = lines.findIndex(isLabelled("output"));
  if (output < 0) return "no-structure";
  const marked = lines[first]?.label?.kind === "example";
  // A completion may begin with its input, unlabelled.
  const start = continues && first === output ? 0 : first;
  const starts = marked ? exampleStarts(lines, first) : [start];
  if (starts === undefined) return "ambiguous";
  return starts.map((at, place) => ({
    preamble: place === 0 ? lines.slice(0, at) : [],
    lines: lines.slice(at, starts[place + 1]),
    read: (block) => inputFirstInstance(block, marked, pack),
  }));
}

/**
 * Where the examples 1, 2, 3, … begin. One opens as the first does: with a label on
 * the next line, or with text. Undefined where a number occurs twice after the example
 * before it: then one of the two stands inside an output.
 */
function exampleStarts(
  lines: readonly Line[],
  first: number,
): readonly number[] | undefined {
  const form = openingOf(lines, first);
  const like = lines.flatMap(({ label }, at) =>
    at >= first && label?.kind === "example" && openingOf(lines, at) === form
      ? [{ at, number: label.number }]
      : [],
  );
  const starts = [first];
  let number = like[0]?.number;
  if (number === undefined) return like.length > 1 ? undefined : starts;
  for (;;) {
    number += 1;
    const last = starts.at(-1) ?? first;
    const next = like.filter((one) => one.number === number && one.at > last);
    const [found] = next;
    if (found === undefined) return starts;
    if (next.length > 1) return undefined;
    starts.push(found.at);
  }
}

/** What the example that begins at line `at` opens with: its input, its output or text. */
function openingOf(lines: readonly Line[], at: number): LabelKind | undefined {
  const heading = lines[at]?.label?.rest ?? "";
  return heading === ""
    ? lines[nextVisible(lines, at + 1)]?.label?.kind
    : undefined;
}

function inputFirstInstance(
  block: readonly Line[],
  marked: boolean,
  pack: LanguagePack,
): Read {
  const lines = marked ? withoutLabel(block, "example") : block;
  const outputs = lines.filter(isLabelled("output"));
  const [output, second] = outputs;
  if (output === undefined) return { refused: "no-output" };
  const border = lines.indexOf(output);
  const before = lines.slice(0, border);
  const behind = lines.slice(border + 1);
  const again =
    behind.some(
      ({ label }) =>
        label?.isOurs === true &&
        (label.kind === "input" || label.kind === "task"),
    ) || isBareHeading(behind.findLast(isVisible));
  const other = !marked && opensExample(behind);
  // With an input, the border is in doubt unless one line alone can be it.
  const hasInput = before.some(isVisible);
  const doubtful =
    hasInput &&
    second !== undefined &&
    (output.label?.isOurs !== true ||
      outputs.filter(({ label }) => label?.isOurs).length > 1);
  // "Output 1" and "Output 2" are two, and none may be lost in the other.
  const numbered =
    output.label?.number !== undefined &&
    outputs.some(
      ({ label }) => label?.number === Number(output.label?.number) + 1,
    );
  if (again || other || doubtful || numbered) return { refused: "ambiguous" };
  const text = joined([
    { ...output, text: output.label?.rest ?? "" },
    ...behind,
  ]);
  if (
    isOnlyMarks(text) ||
    isStandIn(asWritten(text, pack), pack.labels.noOutput)
  ) {
    return { refused: "no-output" };
  }
  return { input: joined(withoutLabel(before, "input")), output: text };
}

/** Whether a numbered example in the form of our prompts begins anywhere in `lines`. */
function opensExample(lines: readonly Line[]): boolean {
  return lines.some(({ label }, at) => {
    if (label?.kind !== "example") return false;
    const opening = openingOf(lines, at);
    return opening === "input" || opening === "output";
  });
}

function outputFirstBlocks(
  lines: readonly Line[],
  { continues }: InstanceBlockOptions,
): readonly Block[] | FragmentReason {
  const first = nextVisible(lines, 0);
  // The completion prompt ends in "Class label:", so leading text is a label.
  const start =
    continues && lines[first]?.label?.kind !== "example"
      ? first
      : lines.findIndex(isLabelled("classLabel"));
  const opener = lines[start];
  if (opener === undefined) return "no-structure";
  const opens = ({ label }: Line): boolean =>
    label?.kind === "classLabel" &&
    (opener.label?.kind === "classLabel"
      ? label.word === opener.label.word
      : label.isOurs);
  const labelled = hasInputNext(lines, start);
  const starts = lines.flatMap((line, at) =>
    at === start ||
    (at > start && opens(line) && hasInputNext(lines, at) === labelled)
      ? [at]
      : [],
  );
  return starts.map((at, place) => ({
    preamble: place === 0 ? withoutLastHeading(lines.slice(0, at)) : [],
    lines: withoutLastHeading(lines.slice(at, starts[place + 1])),
    read: outputFirstInstance,
  }));
}

/** Whether the class label that begins at line `at` is followed by a line "Input:". */
function hasInputNext(lines: readonly Line[], at: number): boolean {
  const { label } = lines[at] ?? {};
  const isBare = label?.kind === "classLabel" && label.rest.trim() === "";
  const word = isBare ? nextVisible(lines, at + 1) : at;
  return lines[nextVisible(lines, word + 1)]?.label?.kind === "input";
}

function outputFirstInstance(block: readonly Line[]): Read {
  // The class label is the first line that is not blank.
  const lines = withoutLabel(block, "classLabel");
  const place = nextVisible(lines, 0);
  const label = lines[place];
  if (label === undefined || isOnlyMarks(label.text))
    return { refused: "no-output" };
  const behind = lines.slice(place + 1);
  const input = Math.max(behind.findIndex(isLabelled("input")), 0);
  const again = behind.some(
    (line) =>
      line.label?.isOurs === true &&
      (line.label.kind === "task" || line.label.kind === "classLabel"),
  );
  return again || behind.slice(0, input).some(isVisible)
    ? { refused: "ambiguous" }
    : {
        input: joined(withoutLabel(behind.slice(input), "input")),
        output: label.text.trim(),
      };
}

/** Nothing at all is left to the rules. */
function isOnlyMarks(text: string): boolean {
  return text.trim() !== "" && isInvisible(text);
}

function isLabelled(...kinds: readonly LabelKind[]): (line: Line) => boolean {
  return ({ label }) => label !== undefined && kinds.includes(label.kind);
}

function isBareHeading(line: Line | undefined): boolean {
  return line?.label?.kind === "example" && line.label.rest === "";
}

/** `lines` with the label of that kind taken off the first that is not blank. */
function withoutLabel(
  lines: readonly Line[],
  kind: LabelKind,
): readonly Line[] {
  const [first, ...rest] = lines.slice(nextVisible(lines, 0));
  return first?.label?.kind === kind
    ? [{ text: first.label.rest, label: undefined }, ...rest]
    : lines;
}

/** An example mark at the end of an output-first block opens the next one. */
function withoutLastHeading(block: readonly Line[]): readonly Line[] {
  const last = block.findLastIndex(isVisible);
  return block[last]?.label?.kind === "example" ? block.slice(0, last) : block;
}

/** Index of the first line from `from` on that is not blank; their number if there is none. */
function nextVisible(lines: readonly Line[], from: number): number {
  let at = from;
  while (lines[at]?.text.trim() === "") at += 1;
  return at;
}

function isVisible({ text }: Line): boolean {
  return text.trim() !== "";
}

function joined(lines: readonly Line[]): string {
  return lines
    .map(({ text }) => text)
    .join("\n")
    .trim();
}
