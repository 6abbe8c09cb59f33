/**
 * @file A run folder with pairs to review, made through the ledger alone: pair i sets
 * `Good i` above `Bad i`, each judged once.
 */
import { join } from "node:path";
import { openLedger, type Ledger } from "../../src/ledger/ledger.js";
import { ENVIRONMENT, temporaryFolder } from "../ledger/support.js";

interface Made {
  readonly pairs: number;
  /** The judge gave scores by their probabilities after its reasons; else it wrote them. */
  readonly weighed?: boolean;
}

/** The folder, removed when the test ends. */
export function reviewedRun(made: Made): string {
  const folder = temporaryFolder();
  const ledger = openLedger({ path: join(folder, "ledger.db"), mode: "write" });
  ledger.recordRun({
    recipe: { name: "a", plainPrompt: "Q: {prompt}\n" },
    seed: 3,
    environment: ENVIRONMENT,
  });
  writePairs(ledger, made);
  ledger.close();
  return folder;
}

/** Writes the rows as one complete stage. */
export function writePairs(
  ledger: Ledger,
  { pairs, weighed = false }: Made,
): void {
  const stage = ledger.stage("round-1/pairs", "h");
  for (let i = 1; i <= pairs; i++) {
    const [promptId = 0] = stage.insert("prompts", [
      {
        ...{ key: `p${i}`, text: `Do ${i}\nwith ${i}`, origin: "generated" },
        ...{ instruction: `Do ${i}`, input: `with ${i}` },
      },
    ]);
    const texts = [`Good ${i}`, `Bad ${i}`];
    const [chosenId = 0, rejectedId = 0] = stage.insert(
      "candidates",
      texts.map((text, sampleIndex) => ({
        ...{ key: `${i}/${sampleIndex}`, promptId, sampleIndex, text },
        ...{ tokens: 2, finishReason: "stop" as const, mergedCount: 1 },
      })),
    );
    stage.insert(
      "judgements",
      [chosenId, rejectedId].map((candidateId, place) => {
        const score = place === 0 ? 4 : 1;
        return {
          ...{ key: `${candidateId}/0`, candidateId, sampleIndex: 0 },
          ...{ judge: "self", kind: "score" as const, constrained: false },
          ...(weighed
            ? {
                ...{ score: score + 0.4, raw: "Because." },
                ...{ rationale: "Because.", probabilities: [0, 0.5, 0.5] },
              }
            : { score, raw: `Because.\nScore: ${score}` }),
        };
      }),
    );
    stage.insert("pairs", [
      {
        ...{ key: `p${i}`, promptId, chosenId, rejectedId },
        ...{ chosenScore: 4, rejectedScore: 1, margin: 3 },
      },
    ]);
  }
  stage.complete({
    ...{ requested: pairs, accepted: pairs },
    ...{ rejected: 0, failed: 0 },
  });
}
