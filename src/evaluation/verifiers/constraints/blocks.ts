/**
 * @file Parts of a response between dividers.
 */
import { SPACE, strip } from "../../../text/python/strings.js";

/**
 * Parts between dividers, blank ones at either end not counted; NaN when one in the
 * middle is blank, which no number equals.
 * @param divider source of a pattern
 */
export function blockCount(response: string, divider: string): number {
  const parts = response.split(
    new RegExp(`[${SPACE}]?${divider}[${SPACE}]?`, "u"),
  );
  const blanks = parts.flatMap((part, i) => (strip(part) === "" ? [i] : []));
  const inside = blanks.some((i) => i !== 0 && i !== parts.length - 1);
  return inside ? Number.NaN : parts.length - blanks.length;
}
