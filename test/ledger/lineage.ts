/**
 * @file Follows a line of training data back to the seed tasks.
 *
 * The path is: training row → pair → candidates with their judgements and models
 * → prompt → the examples its author was shown, and theirs, until only seed
 * tasks are left.
 */
import type { Row } from "../../src/ledger/records.js";
import type { LedgerReader } from "../../src/ledger/ledger.js";

export interface CandidateLineage {
  readonly candidate: Row<"candidates">;
  /** The model that wrote it. */
  readonly model: Row<"models"> | null;
  readonly judgements: readonly Row<"judgements">[];
}

export interface Lineage {
  readonly trainingRow: Row<"training_rows"> | null;
  readonly pair: Row<"pairs"> | null;
  /** Chosen then rejected for a pair; one for a supervised answer; none for a seed example. */
  readonly candidates: readonly CandidateLineage[];
  /** The prompt answered, then the prompts it came from, nearest first, each once. */
  readonly prompts: readonly Row<"prompts">[];
  /** Every seed task it came from, by id, each once. */
  readonly seedTasks: readonly Row<"seed_tasks">[];
}

/** Where to begin: a line of a data set, or a preference pair. */
export type LineageStart =
  { readonly trainingRowId: number } | { readonly pairId: number };

/** @throws LEDGER when there is no such row */
export function lineage(ledger: LedgerReader, start: LineageStart): Lineage {
  const trainingRow =
    "trainingRowId" in start
      ? ledger.get("training_rows", start.trainingRowId)
      : null;
  const pairId =
    "pairId" in start ? start.pairId : (trainingRow?.pairId ?? null);
  const pair = pairId === null ? null : ledger.get("pairs", pairId);
  const candidateIds =
    pair !== null
      ? [pair.chosenId, pair.rejectedId]
      : [trainingRow?.candidateId ?? null];
  const candidates = candidateIds
    .filter((id) => id !== null)
    .map((id) => candidateLineage(ledger, id));
  const promptId = pair?.promptId ?? candidates[0]?.candidate.promptId ?? null;
  const ancestry =
    promptId === null ? NO_ANCESTRY : ancestryOf(ledger, promptId);
  const seedTaskIds = new Set(ancestry.seedTaskIds);
  if (trainingRow !== null && trainingRow.seedTaskId !== null) {
    seedTaskIds.add(trainingRow.seedTaskId);
  }
  return {
    trainingRow,
    pair,
    candidates,
    prompts: ancestry.promptIds.map((id) => ledger.get("prompts", id)),
    seedTasks: [...seedTaskIds]
      .sort((a, b) => a - b)
      .map((id) => ledger.get("seed_tasks", id)),
  };
}

function candidateLineage(ledger: LedgerReader, id: number): CandidateLineage {
  const candidate = ledger.get("candidates", id);
  return {
    candidate,
    model:
      candidate.modelId === null
        ? null
        : ledger.get("models", candidate.modelId),
    judgements: [...ledger.read("judgements", { where: { candidateId: id } })],
  };
}

interface Ancestry {
  readonly promptIds: readonly number[];
  readonly seedTaskIds: readonly number[];
}

const NO_ANCESTRY: Ancestry = { promptIds: [], seedTaskIds: [] };

/** Breadth first. A source is always an older prompt, so there is no way round in a circle. */
function ancestryOf(ledger: LedgerReader, promptId: number): Ancestry {
  const promptIds = new Set([promptId]);
  const seedTaskIds = new Set<number>();
  // A Set iterates over what is added on the way.
  for (const id of promptIds) {
    for (const source of ledger.read("prompt_sources", {
      where: { promptId: id },
    })) {
      if (source.seedTaskId !== null) seedTaskIds.add(source.seedTaskId);
      if (source.sourcePromptId !== null) promptIds.add(source.sourcePromptId);
    }
  }
  return { promptIds: [...promptIds], seedTaskIds: [...seedTaskIds] };
}
