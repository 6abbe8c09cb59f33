/**
 * @file Reading the instructions out of a model's numbered list.
 *
 * Every accepted instruction is text of the answer with white space collapsed and
 * list marks and emphasis taken off; no case is changed, and nothing is added but
 * the colon after a heading that stood on a line of its own. A heading ("**Travel
 * planning:** Plan a trip") stays: "**Translate into French:** Good morning" looks
 * the same, and what is left of that without its beginning is no instruction, while
 * a topic too many harms none.
 *
 * What is not an instruction comes back as a fragment with its reason. The paper's
 * code throws an answer away whole when the token limit cut it; we drop its last
 * item only, as later work does.
 */
import { hasMarksInside, isInvisible } from "../../text/model-marks.js";
import type { LanguagePack } from "../language-packs/language-pack.js";
import type {
  Answer,
  FragmentReason,
  Parsed,
  RejectedFragment,
} from "../records.js";
import { fragments, readableText } from "./answer-text.js";
import {
  isEmphasised,
  withoutEmphasis,
  withoutLeadingCode,
} from "./emphasis.js";
import {
  alternatives,
  BULLETS,
  COLONS,
  ENCLOSED_NUMBERS,
  labelReader,
  literal,
  numberOf,
  numeral,
  ordinal,
  type LabelledLine,
  type LabelReader,
} from "./labelled-lines.js";

export interface InstructionListOptions {
  readonly pack: LanguagePack;
  /** The prompt ended inside the first item (completion style): leading text is that item. */
  readonly continues: boolean;
  /** Most instructions taken from one answer. */
  readonly limit: number;
  /** Drop the last item of an answer that the token limit cut off. */
  readonly dropTruncated: boolean;
}

type Piece =
  | { readonly kind: "item"; readonly raw: string[]; readonly lines: string[] }
  | {
      readonly kind: "fragment";
      readonly reason: FragmentReason;
      readonly raw: string[];
    };

/** Instructions of `answer` in their order. Never throws. */
export function parseInstructionList(
  answer: Answer,
  options: InstructionListOptions,
): Parsed<string> {
  const { text, rejected: before } = readableText(answer);
  const label = labelReader(options.pack);
  const pieces = cutIntoPieces(text, options, label);
  const truncated =
    options.dropTruncated && answer.finishReason === "length"
      ? pieces.at(-1)
      : undefined;
  const accepted: string[] = [];
  const rejected: RejectedFragment[] = [...before];
  for (const piece of pieces) {
    const raw = piece.raw.join("\n");
    if (piece.kind === "fragment") {
      rejected.push(...fragments(raw, piece.reason));
      continue;
    }
    const instruction = itemText(piece.lines, options.pack, label);
    if (piece === truncated) {
      rejected.push(...fragments(raw, "truncated-last-item"));
    } else if (hasMarksInside(raw)) {
      rejected.push(...fragments(raw, "marks-inside"));
    } else if (isInvisible(instruction)) {
      rejected.push(...fragments(raw, "blank-item"));
    } else if (accepted.length === options.limit) {
      rejected.push(...fragments(raw, "too-many-items"));
    } else {
      accepted.push(instruction);
    }
  }
  return { accepted, rejected };
}

function cutIntoPieces(
  text: string,
  { pack, continues }: InstructionListOptions,
  label: LabelReader,
): Piece[] {
  const lines = text.split(/\r?\n/u);
  const numbered = lines.map(numberedItem(pack));
  const marks = numbered.filter((marked) => marked !== undefined);
  // A list that begins with "Task 1" and its text, or has more of them, has numbers alone
  // inside its items, where they begin anew; "11." behind "Task 10" goes on with the list.
  const [head, ...others] = marks;
  const wordsOnly =
    !continues &&
    head?.hasWord === true &&
    (head.rest !== "" || others.some(({ hasWord }) => hasWord)) &&
    marks.every(
      ({ number }, i) =>
        number === undefined || number === 1 || marks[i - 1]?.hasWord !== true,
    );
  const items =
    !continues && marks.length === 0
      ? lines.map(bulletItem)
      : numbered.map((marked) =>
          wordsOnly && marked?.hasWord === false ? undefined : marked,
        );
  const pieces: Piece[] = continues
    ? [{ kind: "item", raw: [], lines: [] }]
    : [];
  let outermost: number | undefined;
  let paragraphEnded = false;
  for (const [at, line] of lines.entries()) {
    const current = pieces.at(-1);
    const marked = items[at];
    if (marked !== undefined && marked.indent <= (outermost ?? marked.indent)) {
      outermost ??= marked.indent;
      pieces.push({ kind: "item", raw: [line], lines: [marked.rest] });
      paragraphEnded = false;
    } else if (line.trim() === "") {
      paragraphEnded ||= isBegun(current);
    } else if (current === undefined) {
      pieces.push({ kind: "fragment", reason: "preamble", raw: [line] });
    } else if (current.kind === "fragment") {
      current.raw.push(line);
    } else if (isBegun(current) && isAnswering(label(line))) {
      pieces.push({ kind: "fragment", reason: "self-answer", raw: [line] });
    } else if (paragraphEnded) {
      pieces.push({ kind: "fragment", reason: "outside-list", raw: [line] });
    } else {
      current.raw.push(line);
      current.lines.push(line);
    }
  }
  const onlyPreamble = pieces.every(
    (piece) => piece.kind === "fragment" && piece.reason === "preamble",
  );
  return onlyPreamble
    ? pieces.map((piece) => ({
        kind: "fragment",
        reason: "no-structure",
        raw: piece.raw,
      }))
    : pieces;
}

function isBegun(piece: Piece | undefined): boolean {
  return (
    piece?.kind === "item" && piece.lines.some((line) => line.trim() !== "")
  );
}

/** "- Input: a number" says within an instruction what it is about. */
function isAnswering(label: LabelledLine | undefined): boolean {
  return (
    label !== undefined &&
    label.style !== "bullet" &&
    ["input", "output", "classLabel"].includes(label.kind)
  );
}

interface MarkedLine {
  /** Columns of white space before the mark; a deeper one is a list inside an item. */
  readonly indent: number;
  /** Whether the word for a task stands with the number. */
  readonly hasWord: boolean;
  /** The number of a line that it begins alone. */
  readonly number: number | undefined;
  readonly rest: string;
}

/** Reads lines that a number begins, with the word for a task ("Task 3: ", "第3个任务") or alone. */
function numberedItem(
  pack: LanguagePack,
): (line: string) => MarkedLine | undefined {
  const task = `(?:${alternatives(pack.labels.task, pack)})`;
  const number = `(?:${numeral(pack)})`;
  const brackets = (side: number): string =>
    pack.brackets.map((pair) => literal(pair.charAt(side))).join("");
  // A delimiter must follow the number, and no digit the delimiter: "3.5 litres"
  // and "10:30" begin sentences, "3. " begins an item.
  const delimiter = String.raw`[.)）\]、．﹒。｡${COLONS}${brackets(1)}](?![0-9０-９])[${COLONS}]?|(?<=${ENCLOSED_NUMBERS})`;
  const item = (name: string, end: string): RegExp =>
    new RegExp(
      String.raw`^(?<indent>[ \t]*)(?:#{1,6}[ \t]+)?(?<open>[*_]{0,3})[(（\[${brackets(0)}]?${name}(?<closed>[*_]{0,3})[ \t]*(?:${end})(?<marks>[*_]{0,3})(?<rest>[^]*)$`,
      "iu",
    );
  const patterns = [
    {
      hasWord: true,
      // The end of the line or a dash will do here.
      pattern: item(
        String.raw`(?:${task}[ \t]*#?${number}|${ordinal(pack)}${task})`,
        String.raw`${delimiter}|[-–—][ \t]|$`,
      ),
    },
    {
      hasWord: false,
      pattern: item(`(?<number>${numeral(pack)})`, delimiter),
    },
  ];
  return (line) => {
    for (const { hasWord, pattern } of patterns) {
      const groups = pattern.exec(line)?.groups;
      if (groups === undefined) continue;
      const {
        indent = "",
        open = "",
        closed = "",
        marks = "",
        rest = "",
        number: alone,
      } = groups;
      return {
        hasWord,
        number: alone === undefined ? undefined : numberOf(alone),
        indent: indent.length,
        rest: emphasisOfItem({ open, closed, marks }) + rest.trimStart(),
      };
    }
    return undefined;
  };
}

/** The marks around a number that belong to what stands after it. */
function emphasisOfItem(found: {
  readonly open: string;
  readonly closed: string;
  readonly marks: string;
}): string {
  const { open, closed, marks } = found;
  // "**9.** Name" and "**9**. Name" emphasise the number; "**9. Name**" both;
  // "9.**Name**" the item alone.
  if (open === "" || closed === open) return marks;
  return marks === open ? "" : open + marks;
}

const BULLET = new RegExp(String.raw`^([ \t]*)${BULLETS}[ \t]([^]*)$`, "u");

function bulletItem(line: string): MarkedLine | undefined {
  const match = BULLET.exec(line);
  return match === null
    ? undefined
    : {
        indent: (match[1] ?? "").length,
        hasWord: false,
        number: undefined,
        rest: match[2] ?? "",
      };
}

/** One line of text without a leading "Instruction:" and without emphasis. */
function itemText(
  lines: readonly string[],
  pack: LanguagePack,
  label: LabelReader,
): string {
  const joined = headed(lines, pack).join(" ").replace(/\s+/gu, " ").trim();
  const bare = withoutEmphasis(joined);
  const unlabelled = label(bare);
  const text = unlabelled?.kind === "task" ? unlabelled.rest : bare;
  return withoutLeadingCode(text.trim());
}

/** A colon behind an emphasised first line that more follows: a line break showed the same. */
function headed(
  lines: readonly string[],
  pack: LanguagePack,
): readonly string[] {
  const [first, ...more] = lines
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (first === undefined || more.length === 0) return lines;
  const heading =
    isEmphasised(first) && /[\p{L}\p{N}]$/u.test(withoutEmphasis(first));
  return heading ? [first + (pack.colons.at(-1) ?? ""), ...more] : lines;
}
