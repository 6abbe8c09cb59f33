/**
 * @file Reading members of foreign JSON without believing anything about it.
 */

/**
 * The parsed text, with or without a byte order mark, and with what some writers put into
 * JSON: numbers that are none, which become null, and line ends inside strings.
 * Undefined where it is not even that.
 */
export function parsed(text: string): unknown {
  const plain = text.replace(/^\ufeff/, "");
  return strictly(plain) ?? strictly(plain.replace(LAX, mended));
}

/** A string, also one that does not end, or a word that JSON does not have; linear. */
const LAX = /"(?:[^"\\]|\\[^])*(?:"|\\?$)|-?\b(?:NaN|Infinity)\b/g;

function mended(piece: string): string {
  if (!piece.startsWith('"')) return "null";
  return piece.replace(/[\u0000-\u001f]/g, (character) =>
    JSON.stringify(character).slice(1, -1),
  );
}

function strictly(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The member of an object; undefined of anything else. */
export function member(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = Object.hasOwn(found, key)
      ? (found as Readonly<Record<string, unknown>>)[key]
      : undefined;
  }
  return found;
}

/** A finite number, also one written as text; undefined of anything else. */
export function numeric(value: unknown): number | undefined {
  const number =
    typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number)
    ? number
    : undefined;
}
