/**
 * @file YAML that is not ours, read without trust: anchors that multiply each other
 * and nesting without end are errors, not hangs; a key that is a list or a mapping is
 * one too, because no object has such a key.
 */
import { messageOf } from "../foundation/error.js";
import {
  Composer,
  isAlias,
  isCollection,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  visit,
  type CST,
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
  const tokens = harmlessTokens(text, lines);
  if ("reason" in tokens) return { fault: tokens };
  try {
    const document = compose(tokens, text.length);
    const unfit = unfitNode(document);
    if (unfit !== undefined) {
      const { line } = lines.linePos(unfit.node.range?.[0] ?? 0);
      return { fault: { line, reason: unfit.reason } };
    }
    const value: unknown = document.toJS({ maxAliasCount: MOST_RESOLVED });
    return { value, document, lines };
  } catch (cause) {
    if (cause instanceof Misplaced) {
      const { line } = lines.linePos(cause.offset);
      return { fault: { line, reason: cause.message } };
    }
    return {
      fault: {
        reason: `its anchors repeat each other too often (${messageOf(cause)})`,
      },
    };
  }
}

/** What cannot stand where it does. */
class Misplaced extends Error {
  constructor(
    /** Where it begins in the text, in characters. */
    readonly offset: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The one document of `tokens`.
 * @throws Misplaced for the first error or warning: there may be one a character
 */
function compose(tokens: readonly CST.Token[], length: number): Document {
  const composer = new Composer({
    logLevel: "error",
    // The library looks for a key among all before it.
    uniqueKeys: false,
  });
  // The library's own goes on, and makes an error of each with its stack. What is
  // thrown here comes back once for each collection around it.
  let first: Misplaced | undefined;
  const onError = (
    at: number | readonly [number, ...number[]] | { readonly offset: number },
    _code: string,
    message: string,
  ): never => {
    const from = typeof at === "object" && "offset" in at ? at.offset : at;
    const offset = typeof from === "number" ? from : from[0];
    throw (first ??= new Misplaced(offset, message));
  };
  Object.assign(composer, { onError });
  const [document] = composer.compose(tokens, true, length);
  const fault = document?.errors[0];
  if (fault !== undefined) throw new Misplaced(fault.pos[0], fault.message);
  return document as Document;
}

/**
 * The tokens of a text; or what makes it take seconds to read, and memory until the
 * process ends, found before its nodes are made.
 */
function harmlessTokens(
  text: string,
  lines: LineCounter,
): CST.Token[] | YamlFault {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens: CST.Token[] = [];
  let [documents, properties, aliases] = [0, 0, 0];
  const faultIn = (made: Iterable<CST.Token>): YamlFault | undefined => {
    for (const token of made) {
      const { line } = lines.linePos(token.offset);
      // The library makes an error of each, and there may be one a character.
      if (token.type === "error") return { line, reason: token.message };
      if (token.type === "document" && ++documents > 1)
        return { line, reason: "a second document begins here" };
      tokens.push(token);
    }
    return undefined;
  };
  for (const lexeme of new Lexer().lex(text)) {
    const fault = faultIn(parser.next(lexeme));
    if (fault !== undefined) return fault;
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
  return faultIn(parser.end()) ?? tokens;
}

/** The first node that no plain object can hold, and why. */
function unfitNode(
  document: Document,
): { readonly node: Node; readonly reason: string } | undefined {
  let found: ReturnType<typeof unfitNode>;
  // As they stand so far; the library looks for each in the whole document.
  const anchors = new Map<string, Node>();
  const remember = (node: { readonly anchor?: string } & Node): void => {
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
  };
  visit(document, {
    Value(_, node) {
      remember(node);
    },
    Map(_, node) {
      remember(node);
      const keys = new Set<unknown>();
      for (const { key } of node.items) {
        if (!isScalar(key)) continue;
        if (keys.has(key.value)) {
          found = { node: key, reason: "a mapping has this key twice" };
          return visit.BREAK;
        }
        keys.add(key.value);
      }
      return undefined;
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
