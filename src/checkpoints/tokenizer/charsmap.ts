/**
 * @file The table of a Precompiled normaliser (SentencePiece's), checked before the
 * library walks it: it reads beyond the table's end without looking, and ends the process.
 *
 * The table is a number of bytes (u32), a double-array trie of u32 units, and the texts
 * that its leaves point to, each ended by a zero byte.
 */

/**
 * What is wrong with the table, if anything is.
 * @param encoded base64
 */
export function checkCharsmap(encoded: unknown): string | null {
  if (typeof encoded !== "string") return null;
  const bytes = Buffer.from(encoded, "base64");
  const size = bytes.byteLength < 4 ? -1 : bytes.readUInt32LE(0);
  const broken = "the precompiled_charsmap is damaged";
  if (size < 4 || size % 4 !== 0 || 4 + size > bytes.byteLength) return broken;
  const units = Array.from({ length: size / 4 }, (_, i) =>
    bytes.readUInt32LE(4 + 4 * i),
  );
  const texts = bytes.subarray(4 + size);
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(texts);
  } catch {
    return broken;
  }
  return staysInside(units, texts) ? null : broken;
}

/** Whether every walk from the root ends at a unit and a text that are there. */
function staysInside(units: readonly number[], texts: Uint8Array): boolean {
  const first = units[0] ?? 0;
  const waiting = [offsetOf(first)];
  const seen = new Set(waiting);
  for (let base = waiting.pop(); base !== undefined; base = waiting.pop()) {
    for (let label = 1; label < 256; label++) {
      const place = (base ^ label) >>> 0;
      const unit = units[place];
      if (unit === undefined) return false;
      if ((unit & 0x8000_00ff) >>> 0 !== label) continue;
      const next = (place ^ offsetOf(unit)) >>> 0;
      if ((unit & 0x100) !== 0) {
        const leaf = units[next];
        if (leaf === undefined || !beginsText(texts, leaf & 0x7fff_ffff))
          return false;
      }
      if (seen.has(next)) continue;
      seen.add(next);
      waiting.push(next);
    }
  }
  return true;
}

/** How far from a unit its children are, as an exclusive or. */
function offsetOf(unit: number): number {
  return ((unit >>> 10) << ((unit & 0x200) >>> 6)) >>> 0;
}

/** Whether a character begins there. */
function beginsText(texts: Uint8Array, place: number): boolean {
  const byte = texts[place];
  return byte !== undefined && (byte & 0xc0) !== 0x80;
}
