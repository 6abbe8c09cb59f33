/**
 * @file How a value becomes a column and comes back the same.
 *
 * The driver aborts the process on a boolean, cuts text at a NUL and loses lone
 * surrogates, and SQLite turns NaN into NULL; nothing of that may reach it from
 * here.
 */
import { AutodidactError } from "../foundation/error.js";
import { canonicalJson } from "../foundation/hash.js";
import type { SqlValue } from "./database.js";

/** What a column holds, for those who show or compare it. */
export type ColumnKind =
  "text" | "word" | "integer" | "number" | "flag" | "json";

export interface Codec<Value> {
  readonly kind: ColumnKind;
  /** @param where names the value for the error message: `candidates.tokens` */
  encode(value: unknown, where: string): SqlValue;
  /** @throws LEDGER when the column holds what `encode` never writes */
  decode(stored: SqlValue, where: string): Value;
}

/** Starts a text that could not be stored as it is; the rest is its JSON. */
const ESCAPE = "\u001bjson:";
const UNSTORABLE = /\0|\p{Surrogate}/u;

export const textCodec: Codec<string> = {
  kind: "text",
  encode: (value, where) => {
    if (typeof value !== "string") throw badValue(where, "text", value);
    return UNSTORABLE.test(value) || value.startsWith(ESCAPE)
      ? ESCAPE + JSON.stringify(value)
      : value;
  },
  decode: (stored, where) => {
    const content = String(stored);
    return content.startsWith(ESCAPE)
      ? String(decodeJson(content.slice(ESCAPE.length), where))
      : content;
  },
};

/** Characters of a stored text that surely hold the first `longest` of the text itself. */
export function storedLength(longest: number): {
  readonly plain: number;
  readonly escaped: number;
} {
  return { plain: longest, escaped: ESCAPE.length + 1 + 6 * longest };
}

/** Begins every text that is stored escaped. */
export const ESCAPED_START = ESCAPE;

/** Longest escape of JSON less one: what a cut may have left of it. */
const CUT_ESCAPE = 5;

/** The text whose stored form begins with `stored`; of an escaped one as much as is whole. */
export function decodeBeginning(stored: string): string {
  if (!stored.startsWith(ESCAPE)) return stored;
  const whole = stored.slice(ESCAPE.length);
  const endings = Array.from(
    { length: CUT_ESCAPE + 1 },
    (_, missing) => `${whole.slice(0, whole.length - missing)}"`,
  );
  for (const beginning of [whole, ...endings])
    try {
      return String(JSON.parse(beginning));
    } catch {
      // Cut within an escape; a shorter beginning is whole.
    }
  return "";
}

/** Stored as 1 or 0. */
export const flagCodec: Codec<boolean> = {
  kind: "flag",
  encode: (value, where) => {
    if (typeof value !== "boolean") throw badValue(where, "yes or no", value);
    return Number(value);
  },
  decode: (stored) => stored === 1,
};

/** A word of a closed list. */
export function oneOf<Word extends string>(
  ...words: readonly Word[]
): Codec<Word> {
  const known = (value: unknown, where: string): Word => {
    const word = words.find((one) => one === value);
    if (word === undefined) throw badValue(where, words.join(" or "), value);
    return word;
  };
  return { kind: "word", encode: known, decode: known };
}

export const integerCodec = number(
  "integer",
  "a whole number",
  Number.isSafeInteger,
);
export const real = number("number", "a finite number", Number.isFinite);

function number(
  kind: ColumnKind,
  expected: string,
  accepts: (value: unknown) => boolean,
): Codec<number> {
  return {
    kind,
    encode: (value, where) => {
      if (!accepts(value)) throw badValue(where, expected, value);
      return Number(value);
    },
    decode: Number,
  };
}

/** Stored with sorted keys, so that equal values are equal columns. */
export const json: Codec<NonNullable<unknown>> = {
  kind: "json",
  encode: (value, where) => {
    encodeJson(value, where);
    return canonicalJson(value);
  },
  // Where a value may be absent the column is NULL.
  decode: (stored, where) => decodeJson(stored, where) as NonNullable<unknown>,
};

/** The same codec where the column may be NULL; absent and null are one. */
export function nullable<Value>(codec: Codec<Value>): Codec<Value | null> {
  return {
    kind: codec.kind,
    encode: (value, where) =>
      value === null || value === undefined ? null : codec.encode(value, where),
    decode: (stored, where) =>
      stored === null ? null : codec.decode(stored, where),
  };
}

/**
 * JSON text of `value`, refusing what JSON would silently change.
 * @throws NUMERIC for NaN and infinities, LEDGER for what is no JSON value
 */
export function encodeJson(value: unknown, where: string): string {
  const encoded = JSON.stringify(value, (key, member: unknown) => {
    const place = key === "" ? where : `${where} (member "${key}")`;
    if (typeof member === "number" && !Number.isFinite(member)) {
      throw badValue(place, "a finite number", member);
    }
    if (
      typeof member === "bigint" ||
      typeof member === "function" ||
      typeof member === "symbol" ||
      ArrayBuffer.isView(member) ||
      member instanceof Map ||
      member instanceof Set
    ) {
      throw badValue(place, "a JSON value", member);
    }
    return member;
  }) as string | undefined;
  if (encoded === undefined) throw badValue(where, "a JSON value", value);
  return encoded;
}

/** @throws LEDGER when the column does not hold JSON */
export function decodeJson(stored: SqlValue, where: string): unknown {
  try {
    return JSON.parse(String(stored)) as unknown;
  } catch (cause) {
    throw new AutodidactError(
      "LEDGER",
      `The ledger is damaged: ${where} holds text that is not JSON. Restore the ledger from a backup, or start afresh in another folder with --run-dir.`,
      { where },
      { cause },
    );
  }
}

function badValue(
  where: string,
  expected: string,
  found: unknown,
): AutodidactError {
  const shown = typeof found === "number" ? String(found) : typeof found;
  return new AutodidactError(
    typeof found === "number" && !Number.isFinite(found) ? "NUMERIC" : "LEDGER",
    `The ledger cannot record ${where}: ${expected} was expected, ${shown} was given. The row was not written; the stage that made it must be corrected.`,
    { where, expected, found: shown },
  );
}
