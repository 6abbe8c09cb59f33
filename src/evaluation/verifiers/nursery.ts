/**
 * @file The nursery's verifier: it parses a prompt back into its task and knows the answer.
 */
import { familyNamed, parsePrompt } from "../../nursery/families.js";
import { verify } from "../../nursery/verify.js";
import type { Verifier } from "./verifier.js";

export const nursery: Verifier = {
  verify: ({ prompt }, response, finished) => {
    const task = parsePrompt(prompt);
    return task === undefined ? null : verify(task, response, { finished });
  },
  familyOf: ({ prompt }) => {
    const family = parsePrompt(prompt)?.family;
    return family === undefined ? null : familyNamed(family).name;
  },
};
