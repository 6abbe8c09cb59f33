import { readdirSync, readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import {
  failureOf,
  temporaryFolder,
  temporaryLedgerPath,
} from "../../test/ledger/support.js";
import { LedgerDatabase } from "./database.js";
import { openLedger } from "./ledger.js";
import { MIGRATIONS } from "./migrations.js";
import { migrate } from "./schema.js";

/** A ledger as it was before a judge's samples were rows, with one judgement. */
function olderLedger(
  judge: Readonly<Record<string, unknown>>,
  row: {
    readonly judgeModelId: number | null;
    readonly raw: string;
    readonly probabilities: unknown;
  },
): string {
  const path = temporaryLedgerPath();
  const database = new LedgerDatabase(path, "read-write");
  migrate(
    database,
    MIGRATIONS.slice(
      0,
      MIGRATIONS.findIndex(({ name }) => name === "judge-samples"),
    ),
  );
  database.run(
    "INSERT INTO runs VALUES (1, ?, 'hash', 1, '{}', '2026-01-01', NULL)",
    [JSON.stringify({ judge })],
  );
  database.execute(`
    INSERT INTO stages (name, input_hash, begun) VALUES ('judgements', 'h', '2026-01-01');
    INSERT INTO models VALUES (1, 1, 'M1', 'M1', 'models/M1', 'abc', NULL, NULL);
    INSERT INTO prompts (id, stage_id, key, text, origin) VALUES (1, 1, 'p', 'Hi', 'seed');
    INSERT INTO candidates VALUES (7, 1, 'c', 1, 1, 0, 'Hello', 2, 'stop', 1, NULL);`);
  database.run(
    "INSERT INTO judgements VALUES (3, 1, '7', 7, 'self', ?, 0, ?, ?, ?, ?, ?)",
    [
      row.judgeModelId,
      row.raw,
      row.probabilities === null ? "malformed" : "score",
      row.probabilities === null ? null : 4,
      row.probabilities === null ? null : 0.5,
      row.probabilities === null ? null : JSON.stringify(row.probabilities),
    ],
  );
  database.close();
  return path;
}

const WEIGHED = [0, 0, 0, 0.1, 1e-7, 0.9];

test.each([
  {
    what: "a weighed score keeps what the judge wrote of it",
    raw: "Good.\nScore: ",
    evidence: { probabilities: WEIGHED, rationale: "Good." },
    becomes: { raw: "Good.", rationale: "Good.", probabilities: WEIGHED },
  },
  {
    what: "a score weighed at once was not written",
    raw: "Score: ",
    evidence: { probabilities: WEIGHED, rationale: null },
    becomes: { raw: "", rationale: null, probabilities: WEIGHED },
  },
  {
    what: "a written score stands as it was written",
    raw: 'It says "\\u".\nScore: 4',
    evidence: { probabilities: null, rationale: 'It says "\\u".' },
    becomes: {
      raw: 'It says "\\u".\nScore: 4',
      rationale: 'It says "\\u".',
      probabilities: null,
    },
  },
  {
    what: "reasons that no column takes as they are come back the same",
    raw: "x",
    evidence: {
      probabilities: WEIGHED,
      rationale: "a\0b \ud800 \u001bjson: 好 👩",
    },
    becomes: {
      raw: "a\0b \ud800 \u001bjson: 好 👩",
      rationale: "a\0b \ud800 \u001bjson: 好 👩",
      probabilities: WEIGHED,
    },
  },
  {
    what: "a source that writes no words has written none",
    judgeModelId: null,
    raw: "verifier",
    evidence: { probabilities: null, rationale: null },
    becomes: { raw: "", rationale: null, probabilities: null },
  },
  {
    what: "what could not be read stays as it was written",
    raw: "I like it.",
    evidence: null,
    becomes: { raw: "I like it.", rationale: null, probabilities: null },
  },
])(
  "in an older ledger $what",
  ({ raw, evidence, becomes, judgeModelId = 1 }) => {
    const path = olderLedger(
      { reward: "expected", samples: 3 },
      { judgeModelId, raw, probabilities: evidence },
    );
    const ledger = openLedger({ path, mode: "write" });
    expect([...ledger.read("judgements")]).toEqual([
      {
        id: 3,
        stageId: 1,
        key: "7/0",
        candidateId: 7,
        judge: "self",
        judgeModelId,
        sampleIndex: 0,
        kind: evidence === null ? "malformed" : "score",
        score: evidence === null ? null : 4,
        variance: evidence === null ? null : 0.5,
        constrained: false,
        ...becomes,
      },
    ]);
    ledger.close();
  },
);

test("a reader gets an older ledger as this version has it, and nothing is written to it", () => {
  const path = olderLedger(
    { reward: "expected", samples: 3 },
    { judgeModelId: 1, raw: "I like it.", probabilities: null },
  );
  const before = readFileSync(path, "base64");
  const copies = temporaryFolder();
  vi.stubEnv("TMPDIR", copies);
  const ledger = openLedger({ path, mode: "read" });
  expect(ledger.path).toBe(path);
  expect([...ledger.read("judgements")]).toMatchObject([
    { id: 3, key: "7/0", kind: "malformed", constrained: false },
  ]);
  expect(ledger.usage()).toEqual([]);
  ledger.close();
  vi.unstubAllEnvs();
  expect(readdirSync(copies)).toEqual([]);
  expect(readFileSync(path, "base64")).toEqual(before);
});

test("a reader is told by its own name of an older ledger that cannot be brought along", () => {
  const path = olderLedger(
    { reward: "samples", samples: 3 },
    { judgeModelId: 1, raw: "4", probabilities: null },
  );
  const before = readFileSync(path, "base64");
  const failure = failureOf(() => openLedger({ path, mode: "read" }));
  expect(failure.message).toContain(
    `The ledger ${path} is of an older version`,
  );
  expect(readFileSync(path, "base64")).toEqual(before);
});

test("judgements of an older ledger are still never changed", () => {
  const path = olderLedger(
    { reward: "samples", samples: 1 },
    { judgeModelId: 1, raw: "?", probabilities: null },
  );
  openLedger({ path, mode: "write" }).close();
  const database = new LedgerDatabase(path, "read-write");
  for (const change of [
    "DELETE FROM judgements",
    "UPDATE judgements SET raw = ''",
  ])
    expect(() => {
      database.execute(change);
    }).toThrow("only grows");
  database.close();
});

test("an older ledger whose samples lie joined in one row is refused by name and left as it is", () => {
  const settings = { reward: "samples", samples: 3 };
  const row = { raw: "Score: 4\nScore: 4", probabilities: { rationale: null } };
  const path = olderLedger(settings, { ...row, judgeModelId: 1 });
  const failure = failureOf(() => openLedger({ path, mode: "write" }));
  expect(failure.code).toBe("LEDGER");
  expect(failure.message).toContain("several judge samples of an answer");
  expect(failure.message).toContain(path);
  const database = new LedgerDatabase(path, "read-write");
  expect(database.first("SELECT key, raw FROM judgements")).toMatchObject({
    key: "7",
    raw: row.raw,
  });
  database.close();

  // Where no model judged there was one row a sample already.
  const given = olderLedger(settings, { ...row, judgeModelId: null });
  openLedger({ path: given, mode: "write" }).close();
});
