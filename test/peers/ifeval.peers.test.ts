/**
 * @file Constraints against lm-eval's IFEval checkers: the same verdicts on answers built
 * to follow the prompts of the fixture, or to be awkward, and on mutations of both.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  readConstrainedPrompts,
  type ConstrainedPrompt,
} from "../../src/evaluation/verifiers/constraints/constrained-prompts.js";
import { followed } from "../../src/evaluation/verifiers/constraints/constraints.js";

const PYTHON = process.env["AUTODIDACT_PYTHON"] ?? "python3";
const PEER = resolve("test/peers/ifeval-peer.py");
const PROMPTS = resolve("test/fixtures/ifeval/prompts.jsonl");

/**
 * Kinds whose reference leaves something to chance, each with a reason in
 * docs/verifiers.md: a character that is no letter, and languages by random n-grams.
 */
const BY_CHANCE = [
  "keywords:letter_frequency",
  "change_case:english_capital",
  "change_case:english_lowercase",
  "language:response_language",
];

interface Verdicts {
  readonly key: string | number;
  readonly response: string;
  readonly reference_strict: readonly boolean[];
  readonly reference_loose: readonly boolean[];
}

let folder = "";
let verdicts: readonly Verdicts[] = [];
let prompts: ReadonlyMap<string, ConstrainedPrompt> = new Map();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "autodidact-ifeval-"));
  const out = join(folder, "verdicts.jsonl");
  const python = (...args: readonly string[]) =>
    execFileSync(PYTHON, [PEER, ...args], {
      env: { ...process.env, NLTK_DATA: folder, HF_HUB_OFFLINE: "1" },
    });
  python("--punkt", folder);
  python(PROMPTS, out);
  verdicts = readFileSync(out, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Verdicts);
  const rows = await readConstrainedPrompts(PROMPTS);
  prompts = new Map(rows.map(({ row }) => [row.key, row]));
}, 300_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("every verdict is the reference's, but for what it leaves to chance", () => {
  const different = verdicts.flatMap((row) => {
    const prompt = prompts.get(String(row.key));
    if (prompt === undefined) throw new Error(`no prompt ${row.key}`);
    const { strict, loose } = followed(prompt.checks, row.response);
    return prompt.ids.flatMap((kind, i) =>
      strict[i] === row.reference_strict[i] &&
      loose[i] === row.reference_loose[i]
        ? []
        : [{ kind, response: row.response }],
    );
  });
  const explained = different.filter(({ kind }) => BY_CHANCE.includes(kind));
  expect(different.filter((each) => !explained.includes(each))).toEqual([]);
  expect(explained.length).toBeLessThan(verdicts.length / 100);
});

test("the answers reach every kind both ways", () => {
  const seen = new Set(
    verdicts.flatMap(({ key, reference_strict }) =>
      reference_strict.map(
        (met, i) => `${prompts.get(String(key))?.ids[i] ?? ""} ${met}`,
      ),
    ),
  );
  expect(verdicts.length).toBeGreaterThan(400);
  // Of 25 kinds, met and not.
  expect(seen.size).toBeGreaterThan(45);
});
