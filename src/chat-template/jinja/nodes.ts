/**
 * @file The syntax tree of a chat template, as `@huggingface/jinja` parses it.
 *
 * The library does not export its node types; these are the fields that the
 * evaluator reads. A node of a kind that is not listed here is refused when it is
 * evaluated, so a newer parser can add kinds without being misread.
 */
import { templateError } from "./values.js";
import * as library from "@huggingface/jinja";

type Nodes = readonly TemplateNode[];

/** The fields of every kind of node. */
interface Fields {
  Program: { body: Nodes };
  Identifier: { value: string };
  CallExpression: { callee: TemplateNode; args: Nodes };
  KeywordArgumentExpression: { key: Identifier; value: TemplateNode };
  For: {
    loopvar: TemplateNode;
    iterable: TemplateNode;
    body: Nodes;
    defaultBlock: Nodes;
  };
  Set: { assignee: TemplateNode; value: TemplateNode | null; body: Nodes };
  Macro: { name: Identifier; args: Nodes; body: Nodes };
  CallStatement: { call: CallNode; callerArgs: Nodes | null; body: Nodes };
  /** `object[property]` where it is computed; otherwise `object.property`. */
  MemberExpression: {
    object: TemplateNode;
    property: TemplateNode;
    computed: boolean;
  };
  SliceExpression: {
    start?: TemplateNode;
    stop?: TemplateNode;
    step?: TemplateNode;
  };
  BinaryExpression: {
    operator: { readonly value: string };
    left: TemplateNode;
    right: TemplateNode;
  };
  FilterExpression: { operand: TemplateNode; filter: Identifier | CallNode };
  Break: object;
  Continue: object;
  Comment: object;
  StringLiteral: { value: string };
  IntegerLiteral: { value: number };
  FloatLiteral: { value: number };
  ArrayLiteral: { value: Nodes };
  TupleLiteral: { value: Nodes };
  ObjectLiteral: { value: ReadonlyMap<TemplateNode, TemplateNode> };
  If: { test: TemplateNode; body: Nodes; alternate: Nodes };
  FilterStatement: { filter: Identifier | CallNode; body: Nodes };
  SelectExpression: { lhs: TemplateNode; test: TemplateNode };
  TestExpression: { operand: TemplateNode; negate: boolean; test: Identifier };
  UnaryExpression: {
    operator: { readonly value: string };
    argument: TemplateNode;
  };
  SpreadExpression: { argument: TemplateNode };
  KeywordSpreadExpression: { argument: TemplateNode };
  Ternary: {
    condition: TemplateNode;
    trueExpr: TemplateNode;
    falseExpr: TemplateNode;
  };
}

type NodeOf<K extends keyof Fields> = { readonly type: K } & Readonly<
  Fields[K]
>;
export type TemplateNode = { [K in keyof Fields]: NodeOf<K> }[keyof Fields];

export type Block = NodeOf<"Program">;
export type Identifier = NodeOf<"Identifier">;
export type CallNode = NodeOf<"CallExpression">;
export type KeywordArgument = NodeOf<"KeywordArgumentExpression">;
export type For = NodeOf<"For">;
export type SetStatement = NodeOf<"Set">;
export type Macro = NodeOf<"Macro">;
export type CallStatement = NodeOf<"CallStatement">;
export type Member = NodeOf<"MemberExpression">;
export type FilterNode = NodeOf<"FilterExpression">;

interface Token {
  readonly type: string;
  readonly value: string;
}

/** Typed here because the library's own declarations lead nowhere in Node's resolution. */
const { parse, tokenize } = library as unknown as {
  tokenize(
    source: string,
    options: { readonly lstrip_blocks: boolean; readonly trim_blocks: boolean },
  ): Token[];
  parse(tokens: readonly Token[]): Block;
};

/**
 * Parses a template with the block settings of `transformers`. Throws what the
 * library throws on nonsense, and on a chain of comparisons, which it would read as
 * a comparison with a truth value.
 */
export function parseTemplate(source: string): Block {
  // The library's patterns look for white space from each of its places anew.
  if (/\s{2000}/u.test(source))
    throw templateError("2,000 white-space characters in a row");
  // Jinja turns every kind of line end into \n before it reads.
  const tokens = tokenize(source.replace(/\r\n?/g, "\n"), {
    lstrip_blocks: true,
    trim_blocks: true,
  });
  refuseComparisonChains(tokens);
  return parse(tokens);
}

const OPENING = new Set(["OpenParen", "OpenSquareBracket", "OpenCurlyBracket"]);
const CLOSING = new Set([
  "CloseParen",
  "CloseSquareBracket",
  "CloseCurlyBracket",
]);
/** What ends the operands of a comparison. */
const ENDING = new Set([
  "OpenStatement",
  "OpenExpression",
  "Comma",
  "Colon",
  "Equals",
]);
const ENDING_WORDS = new Set(["and", "or", "if", "elif", "else"]);

function refuseComparisonChains(tokens: readonly Token[]): void {
  let compared = false;
  let inForHead = false;
  const outer: boolean[] = [];
  for (const { type, value } of tokens) {
    const word = type === "Identifier" ? value : "";
    if (OPENING.has(type)) {
      outer.push(compared);
      compared = false;
    } else if (CLOSING.has(type)) compared = outer.pop() ?? false;
    else if (ENDING.has(type) || ENDING_WORDS.has(word)) {
      compared = false;
      if (type === "OpenStatement") inForHead = false;
    } else if (word === "for") inForHead = true;
    else if (word === "in" && inForHead) inForHead = false;
    else if (word === "in" || type === "ComparisonBinaryOperator") {
      if (compared)
        throw templateError(
          `a chain of comparisons ("… ${value} …" after another) is not supported`,
        );
      compared = true;
    }
  }
}
