import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  ENVIRONMENT,
  failureOf,
  temporaryFolder,
  temporaryLedgerPath,
} from "../../test/ledger/support.js";
import { manualClock } from "../foundation/clock.js";
import { LedgerDatabase } from "./database.js";
import { type Ledger, openLedger } from "./ledger.js";
import type { NewRow } from "./records.js";

function temporaryLedger(): Ledger {
  const ledger = openLedger({
    path: temporaryLedgerPath(),
    mode: "write",
    clock: manualClock(86_400_000),
  });
  onTestFinished(() => {
    ledger.close();
  });
  return ledger;
}

function seedTask(
  key: string,
  instruction = `Do ${key}.`,
): NewRow<"seed_tasks"> {
  return { key, kind: "ift", origin: "seeds.jsonl", instruction };
}

const RECIPE = { rounds: 2, dpo: { beta: 0.1, loss: "sigmoid" } };

test("a run is described once and found again with everything it was made with", () => {
  const ledger = temporaryLedger();
  expect(ledger.run()).toBeUndefined();
  ledger.recordRun({ recipe: RECIPE, seed: 7, environment: ENVIRONMENT });
  expect(ledger.run()).toEqual({
    recipe: RECIPE,
    recipeHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    seed: 7,
    environment: ENVIRONMENT,
    created: "1970-01-02T00:00:00.000Z",
    finished: null,
  });
});

test("the same recipe with its keys in another order is the same run", () => {
  const ledger = temporaryLedger();
  ledger.recordRun({ recipe: RECIPE, seed: 7, environment: ENVIRONMENT });
  const reordered = { dpo: { loss: "sigmoid", beta: 0.1 }, rounds: 2 };
  expect(() =>
    ledger.recordRun({ recipe: reordered, seed: 7, environment: ENVIRONMENT }),
  ).not.toThrow();
});

test("another recipe or seed is refused, naming each differing key with both values", () => {
  const ledger = temporaryLedger();
  ledger.recordRun({ recipe: RECIPE, seed: 7, environment: ENVIRONMENT });
  const other = { rounds: 3, dpo: { beta: 0.1, loss: "ipo" }, judge: "self" };
  const failure = failureOf(() =>
    ledger.recordRun({ recipe: other, seed: 8, environment: ENVIRONMENT }),
  );
  expect(failure.code).toBe("LEDGER");
  expect(failure.message).toContain(
    'seed: 7 recorded, 8 asked for; dpo.loss: "sigmoid" recorded, "ipo" asked for; ' +
      'judge: nothing recorded, "self" asked for; rounds: 2 recorded, 3 asked for',
  );
  expect(failure.details["keys"]).toEqual([
    "seed",
    "dpo.loss",
    "judge",
    "rounds",
  ]);
  expect(ledger.run()?.recipe).toEqual(RECIPE);
});

test("another environment is no other run: the first one is kept", () => {
  const ledger = temporaryLedger();
  ledger.recordRun({ recipe: RECIPE, seed: 7, environment: ENVIRONMENT });
  const moved = { ...ENVIRONMENT, machine: "another" };
  expect(
    ledger.recordRun({ recipe: RECIPE, seed: 7, environment: moved })
      .environment,
  ).toEqual(ENVIRONMENT);
});

test("rows come back typed, in the order written, with absent members as null", () => {
  const ledger = temporaryLedger();
  const stage = ledger.stage("seeds", "h");
  const ids = stage.insert("seed_tasks", [
    { ...seedTask("a"), input: "x", evidence: { line: 3 } },
    seedTask("b"),
  ]);
  expect([...ledger.read("seed_tasks")]).toEqual([
    {
      id: ids[0],
      stageId: stage.id,
      key: "a",
      kind: "ift",
      origin: "seeds.jsonl",
      instruction: "Do a.",
      input: "x",
      output: null,
      evidence: { line: 3 },
    },
    {
      id: ids[1],
      stageId: stage.id,
      key: "b",
      kind: "ift",
      origin: "seeds.jsonl",
      instruction: "Do b.",
      input: null,
      output: null,
      evidence: null,
    },
  ]);
});

test("readers filter by stage, by member and by id, and count alike", () => {
  const ledger = temporaryLedger();
  const first = ledger.stage("one", "h");
  first.insert("rejections", [
    { key: "1", subject: "prompt", rule: "too-short", text: "a" },
    { key: "2", subject: "prompt", rule: "too-similar", text: "b", score: 0.9 },
  ]);
  first.complete({ requested: 2, accepted: 0, rejected: 2, failed: 0 });
  const second = ledger.stage("two", "h");
  second.insert("rejections", [
    { key: "1", subject: "pair", rule: "too-short" },
  ]);
  const texts = (
    options: Parameters<typeof ledger.read<"rejections">>[1],
  ): unknown[] => [...ledger.read("rejections", options)].map(({ id }) => id);
  expect(texts({ stage: "one" })).toEqual([1, 2]);
  expect(texts({ where: { rule: "too-short" } })).toEqual([1, 3]);
  expect(texts({ where: { rule: "too-short" }, stage: "two" })).toEqual([3]);
  expect(texts({ where: { text: null } })).toEqual([3]);
  expect(texts({ afterId: 1 })).toEqual([2, 3]);
  expect(texts({ stage: "never begun" })).toEqual([]);
  expect(ledger.count("rejections", { where: { rule: "too-short" } })).toBe(2);
  expect(ledger.count("rejections", { stage: "one", afterId: 1 })).toBe(1);
});

test("a reader sees the rows there were when it began, even while more are written", () => {
  const ledger = temporaryLedger();
  const stage = ledger.stage("seeds", "h");
  // More than one page, so that reading on really asks the database again.
  stage.insert(
    "seed_tasks",
    Array.from({ length: 1200 }, (_, i) => seedTask(`a${i}`)),
  );
  let seen = 0;
  for (const row of ledger.read("seed_tasks")) {
    if (seen % 400 === 0)
      stage.insert("seed_tasks", [seedTask(`late ${row.key}`)]);
    seen++;
  }
  expect(seen).toBe(1200);
  expect(ledger.count("seed_tasks")).toBe(1203);
});

test("writing a row again under its key changes nothing and gives the same id", () => {
  const ledger = temporaryLedger();
  const stage = ledger.stage("seeds", "h");
  const [a] = stage.insert("seed_tasks", [
    { ...seedTask("a"), evidence: { x: 1, y: [2] } },
  ]);
  const again = stage.insert("seed_tasks", [
    seedTask("b"),
    { ...seedTask("a"), evidence: { y: [2], x: 1 } },
  ]);
  expect(again[1]).toBe(a);
  expect(ledger.count("seed_tasks")).toBe(2);
  expect(ledger.counts()[0]?.rows).toBe(2);
});

test("another content under a recorded key is refused, and its whole batch with it", () => {
  const ledger = temporaryLedger();
  const stage = ledger.stage("seeds", "h");
  stage.insert("seed_tasks", [seedTask("a")]);
  const failure = failureOf(() =>
    stage.insert("seed_tasks", [
      seedTask("b"),
      seedTask("a", "Something else."),
    ]),
  );
  expect(failure.code).toBe("LEDGER");
  expect(failure.message).toContain(
    'row "a" of seed_tasks with another instruction',
  );
  expect(ledger.count("seed_tasks")).toBe(1);
});

test("the same key in another stage is another row", () => {
  const ledger = temporaryLedger();
  const first = ledger.stage("one", "h");
  first.insert("seed_tasks", [seedTask("a")]);
  first.complete({ requested: 1, accepted: 1, rejected: 0, failed: 0 });
  const second = ledger.stage("two", "h");
  second.insert("seed_tasks", [seedTask("a", "Other.")]);
  expect(first.find("seed_tasks", "a")?.instruction).toBe("Do a.");
  expect(second.find("seed_tasks", "a")?.instruction).toBe("Other.");
  expect(second.find("seed_tasks", "b")).toBeUndefined();
});

test("a row that points to nothing is refused and leaves no trace", () => {
  const ledger = temporaryLedger();
  const stage = ledger.stage("candidates", "h");
  const failure = failureOf(() =>
    stage.insert("judgements", [
      {
        key: "a",
        candidateId: 99,
        judge: "self",
        sampleIndex: 0,
        raw: "",
        constrained: false,
        kind: "malformed",
      },
    ]),
  );
  expect(failure.code).toBe("LEDGER");
  expect(failure.message).toContain("FOREIGN KEY");
  expect(ledger.counts()[0]?.rows).toBe(0);
});

test("a judgement has a score exactly when it is one", () => {
  const ledger = temporaryLedger();
  const stage = ledger.stage("judge", "h");
  const [promptId] = stage.insert("prompts", [
    { key: "p", text: "Hi", origin: "seed" },
  ]);
  const [candidateId] = stage.insert("candidates", [
    {
      key: "c",
      promptId: promptId as number,
      sampleIndex: 0,
      text: "Hello",
      tokens: 2,
      finishReason: "stop",
      mergedCount: 1,
    },
  ]);
  const judgement = {
    candidateId: candidateId as number,
    judge: "self",
    sampleIndex: 0,
    raw: "Score: 0",
    constrained: false,
  };
  stage.insert("judgements", [
    { ...judgement, key: "1", kind: "score", score: 0 },
  ]);
  for (const bad of [
    { ...judgement, key: "2", kind: "score" as const },
    { ...judgement, key: "3", kind: "abstention" as const, score: 0 },
    { ...judgement, key: "4", kind: "malformed" as const, score: 1 },
  ]) {
    expect(failureOf(() => stage.insert("judgements", [bad])).code).toBe(
      "LEDGER",
    );
  }
  expect(ledger.count("judgements")).toBe(1);
});

test("a transaction that throws undoes everything it wrote; one inside it only its own part", () => {
  const ledger = temporaryLedger();
  const stage = ledger.stage("seeds", "h");
  expect(() =>
    ledger.transaction(() => {
      stage.insert("seed_tasks", [seedTask("a")]);
      stage.complete({ requested: 1, accepted: 1, rejected: 0, failed: 0 });
      throw new TypeError("after the writing");
    }),
  ).toThrow("after the writing");
  expect(stage.done).toBe(false);
  expect(ledger.count("seed_tasks")).toBe(0);

  ledger.transaction(() => {
    stage.insert("seed_tasks", [seedTask("b")]);
    expect(() =>
      ledger.transaction(() => {
        stage.insert("seed_tasks", [seedTask("c")]);
        throw new TypeError("inner");
      }),
    ).toThrow("inner");
    stage.insert("seed_tasks", [seedTask("d")]);
  });
  expect([...stage.read("seed_tasks")].map(({ key }) => key)).toEqual([
    "b",
    "d",
  ]);
});

test("a transaction refuses an asynchronous function and keeps nothing of it", () => {
  const ledger = temporaryLedger();
  const stage = ledger.stage("seeds", "h");
  const failure = failureOf(() => {
    void ledger.transaction(() => {
      stage.insert("seed_tasks", [seedTask("a")]);
      return Promise.resolve();
    });
  });
  expect(failure.code).toBe("LEDGER");
  expect(ledger.count("seed_tasks")).toBe(0);
});

test("a recorded row can be neither changed nor removed, by whatever program", () => {
  const path = temporaryLedgerPath();
  const ledger = openLedger({ path, mode: "write" });
  ledger.stage("seeds", "h").insert("seed_tasks", [seedTask("a")]);
  ledger.close();
  const database = new LedgerDatabase(path, "read-write");
  for (const statement of [
    "UPDATE seed_tasks SET origin = 'x'",
    "DELETE FROM seed_tasks",
  ]) {
    const failure = failureOf(() => database.run(statement));
    expect(failure.code).toBe("LEDGER");
    expect(failure.message).toContain("the ledger only grows");
  }
  expect(database.all("SELECT origin FROM seed_tasks")).toEqual([
    { origin: "seeds.jsonl" },
  ]);
  database.close();
});

test("a row is got by its id, and an id that is not there is an error that names it", () => {
  const ledger = temporaryLedger();
  ledger.stage("seeds", "h").insert("seed_tasks", [seedTask("a")]);
  expect(ledger.get("seed_tasks", 1).key).toBe("a");
  expect(failureOf(() => ledger.get("seed_tasks", 2)).message).toContain(
    "row 2 in seed_tasks",
  );
});

test("of the notes under a name the last one counts, also for who only reads", () => {
  const ledger = temporaryLedger();
  expect(ledger.noted("plan")).toBeUndefined();
  ledger.note("plan", ["a"]);
  ledger.note("probe", { tokens: 7 });
  ledger.note("plan", ["a", "b"]);
  const reader = openLedger({ path: ledger.path, mode: "read" });
  expect(reader.noted("plan")).toEqual(["a", "b"]);
  expect(reader.noted("probe")).toEqual({ tokens: 7 });
  reader.close();
});

test("closing twice does no harm, and the closed ledger can be opened again", () => {
  const path = temporaryLedgerPath();
  const ledger = openLedger({ path, mode: "write" });
  ledger.close();
  ledger.close();
  openLedger({ path, mode: "write" }).close();
});

test("there is nothing to read where no run has begun, and looking makes nothing", () => {
  const folder = temporaryFolder();
  const path = join(folder, "ledger.db");
  const failure = failureOf(() => openLedger({ path, mode: "read" }));
  expect(failure.code).toBe("LEDGER");
  expect(failure.message).toContain(path);
  expect(readdirSync(folder)).toEqual([]);
});

test("makes the run folder if it is not there, also with awkward names", () => {
  const path = join(temporaryFolder(), "läufe 50% #1?", "a&b=c", "ledger.db");
  const ledger = openLedger({ path, mode: "write" });
  ledger.stage("seeds", "h").insert("seed_tasks", [seedTask("a")]);
  const reader = openLedger({ path, mode: "read" });
  expect(reader.count("seed_tasks")).toBe(1);
  reader.close();
  ledger.close();
});

test("a folder below a file is a storage error that names it", () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "kept");
  const failure = failureOf(() =>
    openLedger({ path: join(file, "run", "ledger.db"), mode: "write" }),
  );
  expect(failure.code).toBe("STORAGE");
  expect(failure.message).toContain(`Cannot write ${join(file, "run")} `);
});

test("a folder where the ledger should be is a storage error that names it", () => {
  const path = temporaryLedgerPath();
  mkdirSync(path);
  const failure = failureOf(() => openLedger({ path, mode: "write" }));
  expect(failure.code).toBe("STORAGE");
  expect(failure.message).toContain(dirname(path));
});

test("a write-ahead log without its database is refused, not deleted", () => {
  const path = temporaryLedgerPath();
  writeFileSync(`${path}-wal`, "rows that were paid for");
  const failure = failureOf(() => openLedger({ path, mode: "write" }));
  expect(failure.code).toBe("LEDGER");
  expect(failure.message).toContain(`${path}-wal`);
});

test("made anew it keeps its run, answers and notes, changed where asked, and no row; nobody gets between", () => {
  const ledger = temporaryLedger();
  ledger.recordRun({ recipe: RECIPE, seed: 7, environment: ENVIRONMENT });
  ledger.stage("seeds", "h").insert("seed_tasks", [seedTask("a")]);
  ledger.note("plan", ["a"]);
  ledger.note("plan", ["a", "b"]);
  ledger.note("probe", 7);
  const { path } = ledger;
  const fresh = ledger.renew({ rounds: 3 });
  onTestFinished(() => {
    fresh.close();
  });
  expect(fresh.run()?.recipe).toEqual({ ...RECIPE, rounds: 3 });
  expect(fresh.count("seed_tasks")).toBe(0);
  expect(fresh.counts()).toEqual([]);
  expect([fresh.noted("plan"), fresh.noted("probe")]).toEqual([["a", "b"], 7]);
  expect(failureOf(() => openLedger({ path, mode: "write" })).code).toBe(
    "LEDGER",
  );
  expect(readdirSync(dirname(path))).not.toContain("ledger.db.next");
  const empty = fresh.renew(null);
  expect([empty.run(), empty.noted("plan")]).toEqual([undefined, undefined]);
  empty.close();
});

test("is not made anew while somebody reads rows that only the log has", () => {
  const ledger = temporaryLedger();
  ledger.recordRun({ recipe: RECIPE, seed: 7, environment: ENVIRONMENT });
  const reader = new LedgerDatabase(ledger.path, "read");
  reader.execute("BEGIN");
  reader.first("SELECT count(*) FROM runs");
  ledger.note("probe", 1);
  expect(failureOf(() => ledger.renew({})).message).toContain(
    "while another process reads it",
  );
  reader.abandon();
  ledger.close();
  const again = openLedger({ path: ledger.path, mode: "write" });
  expect(again.noted("probe")).toBe(1);
  again.close();
});
