/**
 * @file Content hashes: what a cache key, a weight hash or a data hash is made of.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** SHA-256 of text or bytes, in hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/**
 * SHA-256 of a JSON value with object keys in sorted order, so that two equal
 * values have one hash whatever order their keys were written in.
 */
export function hashOf(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** JSON text with sorted keys; `undefined` members are left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    member !== null && typeof member === "object" && !Array.isArray(member)
      ? Object.fromEntries(
          Object.entries(member).sort(([a], [b]) =>
            a < b ? -1 : a > b ? 1 : 0,
          ),
        )
      : member,
  );
}

/** SHA-256 of a file's bytes, streamed. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path))
    hash.update(chunk as Buffer);
  return hash.digest("hex");
}
