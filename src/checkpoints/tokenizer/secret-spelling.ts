/**
 * @file Text that is not ours can write no special token.
 *
 * The library is given every special token under a secret spelling, letters that
 * nobody can guess and that are new whenever a tokenizer is opened; the token's own
 * text, wherever it stands, is then ordinary text. Only what the program itself writes
 * (a chat template's own words) is put into the secret spelling, and so only that makes
 * special tokens. What a template is given is marked before it is rendered, so that a
 * special token's text in it is told from the template's own.
 */
import { randomBytes } from "node:crypto";
import type { FoundToken } from "./added-tokens.js";

export interface SecretSpelling {
  /** How the library knows a token: its secret, or its own text where it has none. */
  spell(token: string): string;
  /** A text of the program's own, with the special tokens in it in their secret spelling. */
  trust(text: string): string;
  /** The tokens' own text back in the place of secrets. */
  unspell(text: string): string;
  /**
   * A text made around a foreign value, such as a conversation in a template, in which
   * only what is not of that value makes special tokens.
   */
  around<T>(foreign: T, make: (foreign: T) => string): string;
}

/** As the regular expressions of the Rust library have it, which are Unicode's. */
const WORD = "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]";

const FIRST_WORD = new RegExp(`^${WORD}`, "u");
const LAST_WORD = new RegExp(`${WORD}$`, "u");

/** A private character, which belongs to no word. */
const EDGE = "\ue000";

/** Beside a secret a token that is a single word is found where it is beside the token's own text. */
function edge(content: string, word: RegExp): string {
  return word.test(content) ? "" : EDGE;
}

/**
 * @param tokens all added tokens
 * @param isSpecial which of them foreign text must not make
 */
export function secretSpelling(
  tokens: readonly FoundToken[],
  isSpecial: (token: FoundToken) => boolean,
): SecretSpelling {
  // Small letters: no normaliser changes them.
  const nonce = letters(randomBytes(12).toString("hex"));
  const special = tokens.filter(isSpecial).map(({ content }) => content);
  const secrets = new Map(
    special.map((content, index) => [
      content,
      `${edge(content, FIRST_WORD)}${nonce}${letters(index.toString(16))}z${edge(content, LAST_WORD)}`,
    ]),
  );
  const contents = new Map(
    [...secrets].map(([text, secret]) => [secret, text]),
  );
  const found = alternatives(tokens);
  const foreignTokens = alternatives(
    tokens.filter(({ content }) => secrets.has(content)),
    { anywhere: true },
  );
  const secret = new RegExp(`${EDGE}?${nonce}[a-p]+z${EDGE}?`, "g");
  const spell = (token: string): string => secrets.get(token) ?? token;
  const trust = (text: string): string => text.replace(found, spell);
  return {
    spell,
    trust,
    unspell: (text) =>
      text.replace(secret, (each) => contents.get(each) ?? each),
    around(foreign, make) {
      // A private character on both sides of a number stands for a token's text.
      let mark = "";
      const marked = mapTexts(foreign, (text) =>
        text.replace(foreignTokens, (token) => {
          mark ||= unusedCharacter(foreign);
          return `${mark}${special.indexOf(token)}${mark}`;
        }),
      );
      const trusted = trust(make(marked));
      return mark === ""
        ? trusted
        : trusted.replace(
            new RegExp(`${mark}(\\d+)${mark}`, "gu"),
            (whole, index: string) => special[Number(index)] ?? whole,
          );
    },
  };
}

/** The letters a to p for the hexadecimal digits. */
function letters(hexadecimal: string): string {
  return hexadecimal.replace(/./g, (digit) =>
    String.fromCodePoint(97 + Number.parseInt(digit, 16)),
  );
}

/** Finds the longest token at the leftmost place, as the library does. */
function alternatives(
  tokens: readonly FoundToken[],
  { anywhere = false } = {},
): RegExp {
  const written = tokens
    .toSorted((a, b) => b.content.length - a.content.length)
    .map(({ content, single_word: alone }) => {
      const text = content.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
      return alone && !anywhere ? `(?<!${WORD})${text}(?!${WORD})` : text;
    });
  return new RegExp(written.length === 0 ? "(?!)" : written.join("|"), "gu");
}

/** A private-use character that no text in `value` has. */
function unusedCharacter(value: unknown): string {
  const used = JSON.stringify(value);
  for (let code = 0xf0000; ; code++) {
    const character = String.fromCodePoint(code);
    if (!used.includes(character)) return character;
  }
}

/** The same value with every text in it changed, keys included. */
function mapTexts<T>(value: T, change: (text: string) => string): T;
function mapTexts(value: unknown, change: (text: string) => string): unknown {
  const inside = (each: unknown): unknown => mapTexts(each, change);
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map(inside);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [change(key), inside(each)]),
  );
}
