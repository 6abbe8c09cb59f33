/**
 * @file The syntax tree of a chat template, as `@huggingface/jinja` parses it.
 *
 * The library does not export its node types; these are the fields that the
 * evaluator reads. A node of a kind that is not listed here is refused when it is
 * evaluated, so a newer parser can add kinds without being misread.
 */
import { templateError } from "./values.js";
import * as library from "@huggingface/jinja";

export interface Block {
  readonly type: "Program";
  readonly body: readonly TemplateNode[];
}

export interface Identifier {
  readonly type: "Identifier";
  readonly value: string;
}

export interface CallNode {
  readonly type: "CallExpression";
  readonly callee: TemplateNode;
  readonly args: readonly TemplateNode[];
}

export interface KeywordArgument {
  readonly type: "KeywordArgumentExpression";
  readonly key: Identifier;
  readonly value: TemplateNode;
}

export interface For {
  readonly type: "For";
  readonly loopvar: TemplateNode;
  readonly iterable: TemplateNode;
  readonly body: readonly TemplateNode[];
  readonly defaultBlock: readonly TemplateNode[];
}

export interface SetStatement {
  readonly type: "Set";
  readonly assignee: TemplateNode;
  readonly value: TemplateNode | null;
  readonly body: readonly TemplateNode[];
}

export interface Macro {
  readonly type: "Macro";
  readonly name: Identifier;
  readonly args: readonly TemplateNode[];
  readonly body: readonly TemplateNode[];
}

export interface CallStatement {
  readonly type: "CallStatement";
  readonly call: CallNode;
  readonly callerArgs: readonly TemplateNode[] | null;
  readonly body: readonly TemplateNode[];
}

export interface Member {
  readonly type: "MemberExpression";
  readonly object: TemplateNode;
  readonly property: TemplateNode;
  /** `object[property]`; otherwise `object.property`. */
  readonly computed: boolean;
}

export interface Slice {
  readonly type: "SliceExpression";
  readonly start?: TemplateNode;
  readonly stop?: TemplateNode;
  readonly step?: TemplateNode;
}

export interface Binary {
  readonly type: "BinaryExpression";
  readonly operator: { readonly value: string };
  readonly left: TemplateNode;
  readonly right: TemplateNode;
}

export interface FilterNode {
  readonly type: "FilterExpression";
  readonly operand: TemplateNode;
  readonly filter: Identifier | CallNode;
}

export type TemplateNode =
  | Block
  | Identifier
  | CallNode
  | KeywordArgument
  | For
  | SetStatement
  | Macro
  | CallStatement
  | Member
  | Slice
  | Binary
  | FilterNode
  | { readonly type: "Break" | "Continue" | "Comment" }
  | { readonly type: "StringLiteral"; readonly value: string }
  | {
      readonly type: "IntegerLiteral" | "FloatLiteral";
      readonly value: number;
    }
  | {
      readonly type: "ArrayLiteral" | "TupleLiteral";
      readonly value: readonly TemplateNode[];
    }
  | {
      readonly type: "ObjectLiteral";
      readonly value: ReadonlyMap<TemplateNode, TemplateNode>;
    }
  | {
      readonly type: "If";
      readonly test: TemplateNode;
      readonly body: readonly TemplateNode[];
      readonly alternate: readonly TemplateNode[];
    }
  | {
      readonly type: "FilterStatement";
      readonly filter: Identifier | CallNode;
      readonly body: readonly TemplateNode[];
    }
  | {
      readonly type: "SelectExpression";
      readonly lhs: TemplateNode;
      readonly test: TemplateNode;
    }
  | {
      readonly type: "TestExpression";
      readonly operand: TemplateNode;
      readonly negate: boolean;
      readonly test: Identifier;
    }
  | {
      readonly type: "UnaryExpression";
      readonly operator: { readonly value: string };
      readonly argument: TemplateNode;
    }
  | {
      readonly type: "SpreadExpression" | "KeywordSpreadExpression";
      readonly argument: TemplateNode;
    }
  | {
      readonly type: "Ternary";
      readonly condition: TemplateNode;
      readonly trueExpr: TemplateNode;
      readonly falseExpr: TemplateNode;
    };

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
