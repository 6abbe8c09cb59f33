/**
 * @file The loop on prompts of a file, with what a verifier reads of them as the reward:
 * the verifier's arm and its null arm from a base that is taught nothing.
 */
import { spawnSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { openLedger } from "../../src/ledger/ledger.js";
import { readReport } from "../../src/reporting/report-file.js";
import { copyCheckpoint, writeCheckpointRecipe } from "./checkpoint-run.js";
import { BINARY, runRecipe } from "./run-recipe.js";

let workspace = "";

/** Prompts whose answers should have a letter, of which random text has some. */
const ROWS = Array.from({ length: 24 }, (_, i) => ({
  key: i,
  prompt: `Write the letter ${"aeio"[i % 4] ?? ""}, text ${i}.`,
  instruction_id_list: ["keywords:letter_frequency"],
  kwargs: [
    { letter: "aeio"[i % 4], let_frequency: 1, let_relation: "at least" },
  ],
}));

const jsonLines = (rows: readonly unknown[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join("");

function recipeOf(rows: readonly unknown[], name: string): string {
  writeFileSync(join(workspace, name), jsonLines(rows));
  return writeCheckpointRecipe(workspace, {
    rounds: 1,
    verifier: "constraints",
    data: {
      ift: undefined,
      eft: undefined,
      judgeFixed: undefined,
      judgeTest: undefined,
      heldOut: "held-out-rows.jsonl",
    },
    prompts: { file: name, count: 20 },
    candidates: { n: 6 },
    teaching: { promptWritingRows: 0 },
    preference: { rehearsalEvery: 0 },
    arms: [
      { name: "verifier", source: "verifier" },
      { name: "null", source: "coin" },
    ],
  });
}

beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), "autodidact-prompt-file-"));
  copyCheckpoint(workspace);
  writeFileSync(
    join(workspace, "held-out-rows.jsonl"),
    jsonLines(
      ROWS.slice(0, 4).map((row) => ({ ...row, prompt: `Now: ${row.prompt}` })),
    ),
  );
});

afterAll(() => {
  rmSync(workspace, { recursive: true, force: true });
});

test(
  "the verifier's pairs are right, the null arm's the same either way round",
  { timeout: 300_000 },
  async () => {
    const folder = join(workspace, "run");
    const { status, stderr } = runRecipe(recipeOf(ROWS, "rows.jsonl"), folder);
    expect(status, stderr).toBe(0);

    const report = await readReport(
      join(folder, "report.json"),
      "self-rewarding",
    );
    expect(report.models.map(({ method }) => method)).toEqual([
      "base",
      "untaught",
      "dpo",
    ]);
    expect(report.models[0]?.accuracy).not.toBeNull();
    const rows = readFileSync(
      join(folder, "verifier-seed-1", "answers", "M2.jsonl"),
      "utf8",
    );
    const loose = rows
      .trim()
      .split("\n")
      .flatMap(
        (line) =>
          (JSON.parse(line) as { followed: { loose: boolean[] } }).followed
            .loose,
      );
    expect(report.models[2]?.constraints).toMatchObject({
      promptStrict: report.models[2]?.accuracy?.mean,
      instructionLoose: loose.filter(Boolean).length / loose.length,
    });
    expect(readFileSync(join(folder, "report.html"), "utf8")).toContain(
      "Constraints followed, strictly and loosely",
    );
    expect(report.models[1]?.accuracy).toEqual(report.models[0]?.accuracy);
    expect(report.gate).toBeNull();
    expect(report.rounds[0]).toMatchObject({
      promptsWritten: null,
      prompts: 20,
      pairTruth: { tied: 0, wrong: 0 },
    });

    const verified = pairsIn(join(folder, "verifier-seed-1"));
    const tossed = pairsIn(join(folder, "null-seed-1"));
    const sides = (pairs: readonly string[][]) =>
      pairs.map((pair) => [...pair].sort());
    expect(verified.length).toBeGreaterThan(3);
    expect(sides(tossed)).toEqual(sides(verified));
    expect(tossed).not.toEqual(verified);

    // The second arm asks M1 nothing that the first has asked.
    const tokens = ["verifier", "null"].map((arm) => tokensIn(folder, arm));
    expect(tokens[0]).toBeGreaterThan(0);
    expect(tokens[1]).toBe(0);

    const compared = spawnSync(process.execPath, [
      ...[BINARY, "compare", "--json"],
      ...["null-seed-1", "verifier-seed-1"].map((arm) =>
        join(folder, arm, "answers", "M2.jsonl"),
      ),
    ]);
    expect(JSON.parse(compared.stdout.toString())).toMatchObject({
      prompts: 4,
      figures: expect.arrayContaining([
        expect.objectContaining({ name: "correct" }),
      ]) as unknown,
    });

    // M0, whose weights M1 has; and the second model of either arm.
    const measured = join(folder, "shared", "seed-1", "measurements");
    expect(readdirSync(measured)).toHaveLength(3);
  },
);

/** Tokens that were generated for the candidates of an arm. */
function tokensIn(folder: string, arm: string): number {
  const path = join(folder, `${arm}-seed-1`, "ledger.db");
  const ledger = openLedger({ path, mode: "read" });
  const used = ledger
    .usage()
    .filter(({ stage }) => stage === "round-1/candidates")
    .reduce((sum, { tokensOut }) => sum + tokensOut, 0);
  ledger.close();
  return used;
}

/** [prompt, chosen, rejected] of each pair. */
function pairsIn(folder: string): string[][] {
  const ledger = openLedger({ path: join(folder, "ledger.db"), mode: "read" });
  const text = new Map(
    [...ledger.read("candidates")].map((row) => [row.id, row.text]),
  );
  const pairs = [...ledger.read("pairs")].map((pair) => [
    String(pair.promptId),
    text.get(pair.chosenId) ?? "",
    text.get(pair.rejectedId) ?? "",
  ]);
  ledger.close();
  return pairs;
}

test.each([
  [
    [...ROWS, ROWS[2]],
    "rows-0.jsonl, line 25: the prompt is already on line 3",
  ],
  [
    [{ prompt: "Say it." }, ...ROWS],
    "line 1: the verifier “constraints” finds nothing to check in the row",
  ],
  [ROWS.slice(0, 19), "has 19 prompts, and 1 rounds of 20 take 20"],
  [
    [...ROWS, { ...ROWS[0], prompt: "Now: Write the letter a, text 0." }],
    "which is also in an evaluation file",
  ],
])(
  "a file that will not do is refused before anything is made",
  (rows, problem) => {
    const folder = join(workspace, "refused");
    const { status, stderr } = runRecipe(
      recipeOf(rows, "rows-0.jsonl"),
      folder,
    );
    expect(status).toBe(EXIT_CODES.BAD_INPUT);
    expect(stderr.replaceAll(/\s+/gu, " ")).toContain(problem);
  },
);
