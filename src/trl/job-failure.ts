/**
 * @file What ended a job, in its own words: `failure.json` of the Python side, which
 * recognises the causes (`python/autodidact_trainer/failures.py`).
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import {
  AutodidactError,
  EXIT_CODES,
  type ErrorCode,
} from "../foundation/error.js";
import { oneLine } from "../text/harmless.js";

/** Longest message of a trainer that is told. */
const LONGEST = 1000;

const failure = z.object({
  code: z.enum(Object.keys(EXIT_CODES) as ErrorCode[]).catch("JOB"),
  message: z.string(),
  /** Whether another attempt could not mend it. */
  final: z.boolean(),
});

/** The failure that another attempt would not mend; undefined where there is none. */
export async function failureOf(
  folder: string,
): Promise<AutodidactError | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, "failure.json"), "utf8");
  } catch {
    return undefined;
  }
  const told = failure.safeParse(parsed(text));
  if (!told.success || !told.data.final) return undefined;
  const { code, message } = told.data;
  return new AutodidactError(code, oneLine(message, LONGEST), { path: folder });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
