/**
 * @file Texts before which an answer ends.
 */
import type { TextTokenizer } from "../checkpoints/tokenizer/tokenizer.js";
import type { DecodingRequest } from "./decoding-batch.js";

/** Where the first stop text begins, −1 when there is none. */
export function firstStop(text: string, stop: readonly string[]): number {
  const places = stop
    .map((end) => text.indexOf(end))
    .filter((place) => place >= 0);
  return places.length === 0 ? -1 : Math.min(...places);
}

/** Whether tokens hold one of the texts; null where there are none to look for. */
export function stopCheck(
  tokenizer: TextTokenizer,
  stop: readonly string[],
): DecodingRequest["ended"] {
  if (stop.length === 0) return null;
  return async (ids) => firstStop(await tokenizer.decode(ids), stop) >= 0;
}
