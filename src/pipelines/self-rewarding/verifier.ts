/**
 * @file Who knows the truth about an answer. It measures; it is a reward only in the
 * control arm named for it.
 */
import { familyNamed, parsePrompt } from "../../nursery/families.js";
import { verify } from "../../nursery/verify.js";

export interface Verdict {
  /** 0 … 5 */
  readonly score: number;
  readonly correct: boolean;
}

export interface Verifier {
  /** Null when the prompt is no task this verifier can read. */
  verify(prompt: string, response: string, finished: boolean): Verdict | null;
  /** Kind of task, for breaking results down. */
  familyOf(prompt: string): string | null;
}

const nurseryVerifier: Verifier = {
  verify: (prompt, response, finished) => {
    const task = parsePrompt(prompt);
    return task === undefined ? null : verify(task, response, { finished });
  },
  familyOf: (prompt) => {
    const family = parsePrompt(prompt)?.family;
    return family === undefined ? null : familyNamed(family).name;
  },
};

/** The verifier a recipe names; null where nobody knows. */
export function verifierNamed(name: "nursery" | "none"): Verifier | null {
  return name === "nursery" ? nurseryVerifier : null;
}
