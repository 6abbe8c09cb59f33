/**
 * @file `autodidact judge --calibrate` with the real binary and a small model.
 */
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { ROOT } from "./program.js";
import { M0, TINY, workFolder } from "./stage-files.js";

const FIXED = join(ROOT, "nursery/seeds/judge-fixed.jsonl");

test("what is printed is what the judged rows amount to", async () => {
  const work = workFolder();
  const { code, stdout } = await work.run(
    ...["judge", "--model", M0, "--calibrate", FIXED, "--limit", "60"],
    ...[
      "--judge-template",
      work.write("rate.txt", "rate : {prompt} {response}"),
    ],
    ...["--judge-answer", "score : {score}"],
    ...["--out", work.at("judged.jsonl"), "--json"],
  );
  expect(code).toBe(0);
  const rows = work.rows<{ truth: number; score: number | null; kind: string }>(
    "judged.jsonl",
  );
  // Two rows a pair, the right answer first.
  const leads = rows.flatMap(({ truth, score }, i) => {
    const other = rows[i + 1]?.score ?? null;
    return truth === 0 || score === null || other === null
      ? []
      : [score - other];
  });
  expect(leads.length).toBeGreaterThan(3);
  const right = leads.filter((lead) => lead > 0).length;
  expect(JSON.parse(stdout)).toMatchObject({
    answers: 120,
    malformed: rows.filter(({ kind }) => kind === "malformed").length,
    pairs: leads.length,
    unjudged: 60 - leads.length,
    accuracy: { mean: expect.closeTo(right / leads.length, 9) as number },
    own: null,
    fit: false,
  });
});

test("options that do not belong together are refused", async () => {
  const work = workFolder();
  const file = work.write("a.jsonl", [{ prompt: "p", response: "r" }]);
  const judge = ["judge", "--model", TINY] as const;
  for (const [words, ...options] of [
    ["--data does not go", "--data", file, "--calibrate", file],
    ["--limit goes with --calibrate", "--data", file, "--limit", "1"],
    ["needs --data FILE and --out FILE", "--data", file],
    ["--max-cost goes with --endpoint only", "--data", file, "--max-cost", "1"],
    [
      "--model does not go with --reward-model. Leave it out; this use of judge takes --reward-model, --data,",
      ...["--reward-model", TINY, "--data", file],
    ],
  ] as const) {
    const { code, stderr } = await work.run(...judge, ...options);
    expect(code).toBe(EXIT_CODES.USAGE);
    expect(stderr).toContain(words);
  }
});
