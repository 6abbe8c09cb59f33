/**
 * @file What the exit codes on the nodes say of an attempt.
 */
import type { JobReport } from "./launcher.js";

/** Signals by number, for words; the rest are told by their number. */
const SIGNALS: Readonly<Record<number, string>> = {
  6: "SIGABRT",
  9: "SIGKILL, perhaps for want of memory",
  11: "SIGSEGV",
  15: "SIGTERM",
};

/**
 * @param exits codes as written, by rank; null where none was
 * @returns null while that says nothing: not all have ended, and none badly
 */
export function outcomeOf(
  exits: readonly (string | null)[],
): Pick<JobReport, "state" | "message" | "exitCode"> | null {
  const rank = exits.findIndex((code) => code !== null && code !== "0");
  if (rank === -1)
    return exits.every((code) => code === "0")
      ? { state: "succeeded", message: "" }
      : null;
  const exitCode = Number(exits[rank]);
  const node = exits.length === 1 ? "" : ` on node ${rank}`;
  return {
    state: "failed",
    message: `ended with ${exitWords(exitCode)}${node}`,
    exitCode,
  };
}

function exitWords(code: number): string {
  return code > 128
    ? `signal ${SIGNALS[code - 128] ?? code - 128}`
    : `code ${code}`;
}
