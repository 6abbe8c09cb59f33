/**
 * @file Where a page ended, as text in an address. Opaque to the page; checked when it
 * comes back.
 */
import { z } from "zod";
import { DashboardFailure } from "../api/failure.js";
import type { Position } from "./ordered-scan.js";

const written = z.tuple([
  z.union([z.string(), z.number(), z.null()]),
  z.int().nonnegative(),
]);

export function writeCursor({ value, id }: Position): string {
  return Buffer.from(JSON.stringify([value, id])).toString("base64url");
}

/** @throws DashboardFailure USAGE */
export function readCursor(after: string | undefined): Position | null {
  if (after === undefined) return null;
  try {
    const text = Buffer.from(after, "base64url").toString();
    const [value, id] = written.parse(JSON.parse(text));
    return { value, id };
  } catch {
    throw new DashboardFailure(
      "USAGE",
      "The place to go on from cannot be read. Give `next` of the page before, or leave `after` out to begin anew.",
    );
  }
}
