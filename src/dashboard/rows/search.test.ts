import fc from "fast-check";
import { readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { madeRun, writeFamily } from "../../../test/dashboard/made-run.js";
import { temporaryFolder } from "../../../test/ledger/support.js";
import { manualClock } from "../../foundation/clock.js";
import type { Ledger } from "../../ledger/ledger.js";
import { openRunRows, type RunRows, type RunRowsOptions } from "./run-rows.js";

function writeTexts(ledger: Ledger, texts: readonly string[]): void {
  const stage = ledger.stage("prompts", "h");
  stage.insertPrompts(
    texts.map((text, i) => ({ key: `${i}`, text, origin: "file" as const })),
  );
}

function rowsOf(
  texts: readonly string[],
  options: RunRowsOptions = { cache: temporaryFolder() },
): RunRows {
  const run = madeRun((ledger) => {
    writeTexts(ledger, texts);
  });
  const rows = openRunRows(run, options);
  onTestFinished(() => {
    rows.close();
  });
  return rows;
}

async function found(rows: RunRows, search: string): Promise<number[]> {
  const page = await rows.page("prompts", { search });
  return page.rows.map(({ id }) => id - 1);
}

const part = fc.constantFrom(
  "red",
  "RED",
  "Fisch",
  "红色的",
  "鱼",
  "a",
  '"',
  "*",
  "AND",
  "NEAR(",
  "text:",
  "'; --",
  "\0",
  "\ud800",
  "\u001bjson:",
  " ",
  "😀",
  "\\",
  "%",
);
const prose = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(""));

test("a search finds what a plain look for its words finds, before it is indexed and afterwards", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(prose, { minLength: 1, maxLength: 12 }),
      fc.array(prose, { minLength: 1, maxLength: 3 }),
      async (texts, searches) => {
        const rows = rowsOf(texts);
        for (const indexed of [false, true]) {
          if (indexed) await rows.indexed();
          for (const search of searches) {
            const words = [...search.matchAll(/"([^"]+)"|\S+/gu)]
              .map(([word, phrase]) => (phrase ?? word).toLowerCase())
              .filter((word) => word.trim() !== "");
            const expected = texts.flatMap((text, i) =>
              words.every((word) => text.toLowerCase().includes(word))
                ? [i]
                : [],
            );
            expect(await found(rows, search)).toEqual(expected);
          }
        }
        rows.close();
      },
    ),
    { numRuns: 25 },
  );
});

test("a phrase keeps its spaces, words may stand anywhere", async () => {
  const rows = rowsOf(["name a red fish", "a fish in a red sea"]);
  await rows.indexed();
  expect(await found(rows, "fish red")).toEqual([0, 1]);
  expect(await found(rows, '"red fish"')).toEqual([0]);
  expect(await found(rows, '"fish red"')).toEqual([]);
});

test("search, filters on texts, filters on values and an order hold together", async () => {
  const run = madeRun(writeFamily);
  const rows = openRunRows(run, { cache: null });
  onTestFinished(() => {
    rows.close();
  });
  await rows.indexed();
  const ids = async (query: object, table = "candidates") => {
    const page = await rows.page(table, query);
    expect(page.total).toBe(page.rows.length);
    return page.rows.map(({ id }) => id);
  };
  expect(await ids({ search: "ice" })).toEqual([2, 3]);
  expect(await ids({ search: "ice", direction: "down" })).toEqual([3, 2]);
  expect(await ids({ search: "ice", filter: ["prompt_id:eq:2"] })).toEqual([3]);
  expect(await ids({ filter: ["text:has:IC"] })).toEqual([2, 3]);
  expect(await ids({ filter: ["text:eq:ice", "id:gt:2"] })).toEqual([3]);
  expect(await ids({ filter: ["text:ne:ice"] })).toEqual([1, 4]);
  expect(await ids({ search: "warm fire" }, "pairs")).toEqual([1]);
  expect(
    await ids(
      { search: "because", filter: ["score:gt:1"], sort: "score" },
      "judgements",
    ),
  ).toEqual([3, 1]);
});

test("a search whose time is up gives a short page that says where to go on", async () => {
  const texts = Array.from({ length: 1300 }, (_, i) => `text ${i} zz`);
  const clock = manualClock();
  const impatient = {
    now: () => clock.now(),
    monotonic: () => {
      clock.advance(200);
      return clock.monotonic();
    },
  };
  const rows = rowsOf(texts, { cache: null, clock: impatient });
  const all: number[] = [];
  let pages = 0;
  for (let after: string | undefined; ;) {
    const page = await rows.page("prompts", {
      search: "9 zz",
      limit: 500,
      ...(after === undefined ? {} : { after }),
    });
    pages++;
    all.push(...page.rows.map(({ id }) => id - 1));
    if (page.next === null) break;
    expect(page.total).toBeNull();
    after = page.next;
  }
  expect(pages).toBeGreaterThan(2);
  expect(all).toEqual([...texts.keys()].filter((i) => String(i).includes("9")));
});

test("a text of ten megabytes is cut in a page and whole in its row", async () => {
  const long = `${"x".repeat(10_000_000)}end`;
  const escaped = "\0".repeat(100_000);
  const rows = rowsOf([long, escaped, "short"]);
  const page = await rows.page("prompts", {});
  expect(page.rows.map(({ cut }) => cut)).toEqual([["text"], ["text"], []]);
  for (const { cells } of page.rows)
    expect(String(cells["text"]).length).toBeLessThan(1000);
  expect(String(page.rows[1]?.cells["text"])).toMatch(/^\0+$/u);
  const { row } = await rows.row("prompts", 1);
  expect(row.cells["text"]).toBe(long);
  expect(row.cut).toEqual([]);
});

test("an index is taken up again, and made anew when it is damaged or of another ledger", async () => {
  const cache = temporaryFolder();
  const run = madeRun((ledger) => {
    writeTexts(ledger, ["old text"]);
  });
  const searched = async (search: string): Promise<number | null> => {
    const rows = openRunRows(run, { cache });
    await rows.indexed();
    const { total } = await rows.page("prompts", { search });
    rows.close();
    return total;
  };
  expect(await searched("old")).toBe(1);
  const file = (): string =>
    join(cache, readdirSync(cache).find((name) => name.endsWith(".db")) ?? "");
  expect(await searched("old")).toBe(1);
  writeFileSync(file(), "no database at all");
  expect(await searched("old")).toBe(1);
  const other = madeRun((ledger) => {
    writeTexts(ledger, ["new text", "new too"]);
  });
  renameSync(join(other.folder, "ledger.db"), join(run.folder, "ledger.db"));
  expect(await searched("old")).toBe(0);
  expect(await searched("new")).toBe(2);
});

test("two who look at one run at once both find what they search for", async () => {
  const cache = temporaryFolder();
  const run = madeRun((ledger) => {
    writeTexts(ledger, ["a red fish"]);
  });
  const both = [openRunRows(run, { cache }), openRunRows(run, { cache })];
  for (const rows of both) {
    await rows.indexed();
    expect(await found(rows, "fish")).toEqual([0]);
  }
  for (const rows of both) rows.close();
});
