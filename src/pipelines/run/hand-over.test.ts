import { describe, expect, it } from "vitest";
import type { SupervisedRow } from "../../data/records.js";
import type {
  ModelHost,
  ScoreRequest,
} from "../../generation/language-model.js";
import { handOverProof } from "./hand-over.js";

const rows: SupervisedRow[] = Array.from({ length: 100 }, (_, i) => ({
  prompt: `question ${i}`,
  completion: "ten tokens of it",
}));

/** A host that gives every completion of ten tokens this log-probability. */
function hostOf(logprob: number): ModelHost & { asked: ScoreRequest[] } {
  const asked: ScoreRequest[] = [];
  return {
    asked,
    withModel: (_checkpoint, use) =>
      use({
        identity: "scripted",
        generate: () => Promise.resolve([]),
        score: (requests) => {
          asked.push(...requests);
          return Promise.resolve(requests.map(() => ({ logprob, tokens: 10 })));
        },
      }),
  };
}

function provenBy(logprob: number, trained: number | null = -5) {
  const handed = handOverProof(rows, { tolerance: 0.02 });
  handed.proof.onScores(handed.proof.rows.map(() => trained));
  const host = hostOf(logprob);
  return { host, proven: handed.require(host, "models/M1") };
}

describe("the proof of the hand-over", () => {
  it("passes where both make the same of 32 rows from all over", async () => {
    const { host, proven } = provenBy(-5.19);
    await proven;
    expect(host.asked).toHaveLength(32);
    expect(host.asked.at(-1)?.prompt).toBe("question 96");
  });

  it("stops with both numbers where they differ by more than the tolerance a token", async () => {
    const { proven } = provenBy(-5.21);
    await expect(proven).rejects.toMatchObject({
      code: "NUMERIC",
      message: expect.stringMatching(/-5\.0000.*-5\.2100/) as string,
    });
  });

  it("stops where the generator makes no number", async () => {
    const { proven } = provenBy(Number.NaN);
    await expect(proven).rejects.toMatchObject({ code: "NUMERIC" });
  });

  it("leaves out rows that the trainer could not score", async () => {
    const { host, proven } = provenBy(-9, null);
    await proven;
    expect(host.asked).toEqual([]);
  });

  it("scores the chosen side of pairs, and no conversation without a prompt", () => {
    const handed = handOverProof(
      [
        { prompt: "p", chosen: "c", rejected: "r" },
        { messages: [{ role: "user", content: "u" }] },
      ],
      { tolerance: 1 },
    );
    expect(handed.proof.rows).toEqual([{ prompt: "p", completion: "c" }]);
  });
});
