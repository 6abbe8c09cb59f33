/**
 * @file A ledger whose rows can be reviewed: one prompt, two answers, a pair of them.
 */
import type { Ledger } from "../../src/ledger/ledger.js";

/** Writes the rows as the stage "round-1/pairs", which is left open. */
export function writePair(
  ledger: Ledger,
  { prompt = "Hi", answers = ["Hello", "Go away"] } = {},
): void {
  const stage = ledger.stage("round-1/pairs", "h");
  const [promptId = 0] = stage.insert("prompts", [
    { key: "p", text: prompt, origin: "seed" },
  ]);
  const [chosenId = 0, rejectedId = 0] = stage.insert(
    "candidates",
    answers.map((text, sampleIndex) => ({
      key: String(sampleIndex),
      promptId,
      sampleIndex,
      text,
      tokens: 1,
      finishReason: "stop" as const,
      mergedCount: 1,
    })),
  );
  stage.insert("pairs", [
    {
      key: "p",
      promptId,
      chosenId,
      rejectedId,
      chosenScore: 4,
      rejectedScore: 1,
      margin: 3,
    },
  ]);
}
