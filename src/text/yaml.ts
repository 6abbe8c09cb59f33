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
const MOST_ALIASES = 100;

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
    });
    const fault = document.errors[0] ?? document.warnings[0];
    if (fault === undefined) {
      const key = collectionAsKey(document);
      if (key !== undefined) {
        const { line } = lines.linePos(key.range?.[0] ?? 0);
        return { fault: { line, reason: "a key is a list or a mapping" } };
      }
      const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
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
  let properties = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) void token;
    if (/^[&!]/.test(lexeme)) properties++;
    else if (/\S/.test(lexeme)) properties = 0;
    const reason =
      parser.stack.length > MOST_NESTED
        ? "it nests too deeply"
        : properties > MOST_PROPERTIES
          ? "a value has many tags or anchors"
          : undefined;
    if (reason === undefined) continue;
    return { line: lines.linePos(parser.offset).line, reason };
  }
  return undefined;
}

/** The first key that is no plain value, itself or through an alias. */
function collectionAsKey(document: Document): Node | undefined {
  let found: Node | undefined;
  visit(document, {
    Pair(_, { key }) {
      const named = isAlias(key) ? key.resolve(document) : key;
      if (!isCollection(named)) return undefined;
      found = isAlias(key) ? key : named;
      return visit.BREAK;
    },
  });
  return found;
}
