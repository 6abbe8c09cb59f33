/**
 * @file YAML that is not ours, read without trust: anchors that multiply each other
 * and nesting without end are errors, not hangs; a key that is a list or a mapping is
 * one too, because no object has such a key.
 */
import { messageOf } from "../foundation/error.js";
import {
  isAlias,
  isCollection,
  Lexer,
  LineCounter,
  parseDocument,
  Parser,
  visit,
  type Document,
  type Node,
} from "yaml";

/** How often aliases may be resolved: a file repeats a few settings, a bomb repeats itself. */
const MOST_RESOLVED = 100;
/** Aliases that are written, also of what costs nothing to repeat. */
const MOST_ALIASES = 1000;

/** Collections within each other: beyond this no file was written by hand. */
const MOST_NESTED = 200;
/** Tags and anchors in a row; a value has one of each at the most. */
const MOST_PROPERTIES = 4;

export interface YamlFault {
  /** 1-based; undefined where the fault is in the whole. */
  readonly line?: number;
  /** In a few words, without a full stop. */
  readonly reason: string;
}

export type Yaml =
  | {
      readonly value: unknown;
      readonly document: Document;
      readonly lines: LineCounter;
    }
  | { readonly fault: YamlFault };

export function readYaml(text: string): Yaml {
  const lines = new LineCounter();
  const found = bomb(text);
  if (found !== undefined) return { fault: found };
  try {
    // A pretty error holds a picture of its line, made for each of thousands.
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      logLevel: "error",
    });
    const fault = document.errors[0] ?? document.warnings[0];
    if (fault === undefined) {
      const unfit = unfitNode(document);
      if (unfit !== undefined) {
        const { line } = lines.linePos(unfit.node.range?.[0] ?? 0);
        return { fault: { line, reason: unfit.reason } };
      }
      const value: unknown = document.toJS({ maxAliasCount: MOST_RESOLVED });
      return { value, document, lines };
    }
    const { line } = lines.linePos(fault.pos[0]);
    return { fault: { line, reason: fault.message } };
  } catch (cause) {
    return {
      fault: {
        reason: `its anchors repeat each other too often (${messageOf(cause)})`,
      },
    };
  }
}

/**
 * What makes a text take seconds to read, and memory until the process ends: found
 * token by token, before it is read as a whole.
 */
function bomb(text: string): YamlFault | undefined {
  const lines = new LineCounter();
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let [properties, aliases] = [0, 0];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) void token;
    if (/^[&!]/.test(lexeme)) properties++;
    else if (/\S/.test(lexeme)) properties = 0;
    if (lexeme.startsWith("*")) aliases++;
    const reason =
      parser.stack.length > MOST_NESTED
        ? "it nests too deeply"
        : properties > MOST_PROPERTIES
          ? "a value has many tags or anchors"
          : aliases > MOST_ALIASES
            ? "it has many aliases"
            : undefined;
    if (reason === undefined) continue;
    return { line: lines.linePos(parser.offset).line, reason };
  }
  return undefined;
}

/** The first node that no plain object can hold, and why. */
function unfitNode(
  document: Document,
): { readonly node: Node; readonly reason: string } | undefined {
  let found: ReturnType<typeof unfitNode>;
  // As they stand so far; the library looks for each in the whole document.
  const anchors = new Map<string, Node>();
  visit(document, {
    Value(_, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
    // A key may be a collection itself or through an alias.
    Pair(_, { key }) {
      const named = isAlias(key) ? anchors.get(key.source) : key;
      if (!isCollection(named)) return undefined;
      const node = isAlias(key) ? key : named;
      found = { node, reason: "a key is a list or a mapping" };
      return visit.BREAK;
    },
    Alias(_, node, path) {
      const named = anchors.get(node.source);
      if (!path.some((around) => around === named)) return undefined;
      found = { node, reason: "an alias stands within what it stands for" };
      return visit.BREAK;
    },
  });
  return found;
}
