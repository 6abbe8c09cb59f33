/**
 * @file An answer of a round, before and after it was judged.
 */

/** One of the N responses to a prompt. */
export interface Candidate {
  /** Row in the ledger. */
  readonly rowId: number;
  readonly promptId: number;
  readonly prompt: string;
  readonly text: string;
  /** Whether it ended by itself. */
  readonly finished: boolean;
}

export interface JudgedCandidate extends Candidate {
  /** 0 … 5; null for a malformed judgement or an abstention. */
  readonly score: number | null;
  readonly rationale: string | null;
}

/** Candidates of each prompt, prompts and candidates in the order given. */
export function groupByPrompt<T extends Pick<Candidate, "promptId">>(
  candidates: readonly T[],
): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const candidate of candidates) {
    const group = groups.get(candidate.promptId);
    if (group === undefined) groups.set(candidate.promptId, [candidate]);
    else group.push(candidate);
  }
  return groups;
}
