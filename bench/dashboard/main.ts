/**
 * @file `npx tsx bench/dashboard/main.ts [CANDIDATES] [FOLDER]`: how fast the dashboard
 * finds rows of a large ledger, and what memory it takes; a page in Markdown on standard
 * output, progress on standard error.
 *
 * A ledger in FOLDER is used as it is; one that is not there is written first. Without
 * FOLDER both ledger and index go with the benchmark. Times are those of the server's own
 * functions; the browser adds its own.
 */
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TableQuery } from "../../src/dashboard/api/api.js";
import {
  openRunRows,
  type RunRows,
} from "../../src/dashboard/rows/run-rows.js";
import { machine } from "../novelty/measure.js";
import { RARE, SAMPLES, writeBigLedger } from "./big-ledger.js";

const REPETITIONS = 9;
const SEED = 1;
const PAGE = 500;

interface Asked {
  readonly name: string;
  readonly table: string;
  readonly query: TableQuery;
}

interface Timed {
  readonly name: string;
  readonly median: number;
  readonly most: number;
  readonly rows: number;
  readonly total: number | null;
}

const QUERIES: readonly Asked[] = [
  { name: "first page", table: "judgements", query: {} },
  { name: "newest first", table: "judgements", query: { direction: "down" } },
  ...["score", "variance", "candidate_id", "kind", "stage"].flatMap((sort) =>
    (["up", "down"] as const).map((direction) => ({
      name: `sorted by ${sort}, ${direction}`,
      table: "judgements",
      query: { sort, direction },
    })),
  ),
  {
    name: "score above 4.999",
    table: "judgements",
    query: { filter: ["score:gt:4.999"] },
  },
  {
    name: "malformed, sorted by candidate down",
    table: "judgements",
    query: {
      filter: ["kind:eq:malformed"],
      sort: "candidate_id",
      direction: "down",
    },
  },
  {
    name: "score of 1 to 4, not constrained, sorted by variance",
    table: "judgements",
    query: {
      filter: ["score:ge:1", "score:le:4", "constrained:eq:false"],
      sort: "variance",
    },
  },
  {
    name: "one answer's judgements",
    table: "judgements",
    query: { filter: ["candidate_id:eq:4242"] },
  },
  {
    name: "longest answers",
    table: "candidates",
    query: { sort: "tokens", direction: "down" },
  },
  {
    name: "search for a rare word",
    table: "candidates",
    query: { search: RARE.word },
  },
  {
    name: "search for a rare word, sorted by tokens",
    table: "candidates",
    query: { search: RARE.word, sort: "tokens" },
  },
  {
    name: "search for what many rows hold, sorted by score down",
    table: "judgements",
    query: { search: "score: 4.2", sort: "score", direction: "down" },
  },
  {
    name: "search for three letters",
    table: "judgements",
    query: { search: "ing" },
  },
  {
    name: "search for two letters, sorted by score",
    table: "judgements",
    query: { search: "qu", sort: "score" },
  },
  {
    name: "search for what no row holds",
    table: "judgements",
    query: { search: "nowhere to be found" },
  },
  {
    name: "search for what no row holds, of two letters",
    table: "judgements",
    query: { search: "zz" },
  },
  {
    name: "text has a rare word, finished answers only",
    table: "candidates",
    query: { filter: [`text:has:${RARE.word}`, "finish_reason:eq:stop"] },
  },
  {
    name: "seed tasks with the most children",
    table: "seed_tasks",
    query: { sort: "children", direction: "down" },
  },
  {
    name: "pairs with the least margin",
    table: "pairs",
    query: { sort: "margin" },
  },
];

async function timed(rows: RunRows, asked: Asked): Promise<Timed> {
  const times: number[] = [];
  let found = 0;
  let total: number | null = null;
  for (let i = 0; i < REPETITIONS; i++) {
    // A filter that differs each time, so that no page is found ready.
    const filter = [...(asked.query.filter ?? []), `id:ge:${-i}`];
    const query =
      Object.keys(asked.query).length === 0
        ? asked.query
        : { ...asked.query, filter };
    const start = performance.now();
    const page = await rows.page(asked.table, query);
    times.push(performance.now() - start);
    found = page.rows.length;
    total = page.total;
  }
  times.sort((a, b) => a - b);
  return {
    name: `${asked.table}: ${asked.name}`,
    median: times[REPETITIONS >> 1] ?? NaN,
    most: times.at(-1) ?? NaN,
    rows: found,
    total,
  };
}

const megabytes = (): number => Math.round(process.memoryUsage().rss / 1e6);

/** Every page of judgements by score. */
async function pageToTheEnd(rows: RunRows) {
  const before = megabytes();
  const start = performance.now();
  let most = before;
  let pages = 0;
  let seen = 0;
  for (let after: string | undefined; ;) {
    const page = await rows.page("judgements", {
      sort: "score",
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    pages++;
    seen += page.rows.length;
    most = Math.max(most, megabytes());
    if (page.next === null) break;
    after = page.next;
  }
  const seconds = (performance.now() - start) / 1000;
  return { before, most, after: megabytes(), pages, seen, seconds };
}

/** Longest that the process was kept from other things, ms, while `work` went on. */
async function longestSilence(work: () => Promise<void>): Promise<number> {
  let last = performance.now();
  let longest = 0;
  const beat = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  await work();
  clearInterval(beat);
  return longest;
}

const [size = "500000", given] = process.argv.slice(2);
const candidates = Number(size);
const folder = resolve(given ?? mkdtempSync(join(tmpdir(), "big-ledger-")));
const run = { id: "big", folder };
const cache = join(folder, "index");
try {
  if (!existsSync(join(folder, "ledger.db"))) {
    console.error(`writing ${candidates} answers`);
    writeBigLedger(folder, { candidates, seed: SEED });
  }
  rmSync(cache, { recursive: true, force: true });
  const rows = openRunRows(run, { cache });
  const start = performance.now();
  const atOnce = await rows.page("judgements", {});
  const firstPage = performance.now() - start;
  console.error("indexing");
  const before = process.cpuUsage();
  const silence = await longestSilence(() => rows.indexed());
  const indexing = (performance.now() - start) / 1000;
  const worked = process.cpuUsage(before);
  const busy = (worked.user + worked.system) / 1e6;
  const tables = await rows.tables();
  const all = tables.reduce((sum, table) => sum + table.rows, 0);
  const indexed = megabytes();
  const results: Timed[] = [];
  for (const asked of QUERIES) {
    console.error(asked.name);
    results.push(await timed(rows, asked));
  }
  console.error("paging to the end");
  const paging = await pageToTheEnd(rows);
  rows.close();
  const number = (value: number): string =>
    Math.round(value).toLocaleString("en-US");
  const lines = [
    "# The dashboard over a large ledger",
    "",
    `\`npx tsx bench/dashboard/main.ts ${candidates}\`, ${machine()}.`,
    "",
    `${number(candidates)} answers, ${number(SAMPLES * candidates)} judgements, ${number(all)} rows in all; the ledger has ${number(statSync(join(folder, "ledger.db")).size / 1e6)} MB. The first page, before anything is indexed: ${atOnce.rows.length} rows in ${firstPage.toFixed(0)} ms. Indexing everything takes ${indexing.toFixed(0)} s and ${busy.toFixed(0)} s of a processor (${number(all / busy)} rows for each), while other work waits ${silence.toFixed(0)} ms at the longest; the process then has ${indexed} MB.`,
    "",
    `Each question ${REPETITIONS} times, never the same twice:`,
    "",
    "| Question | Median, ms | Longest, ms | Rows | Of |",
    "| --- | --: | --: | --: | --: |",
    ...results.map(
      ({ name, median, most, rows: found, total }) =>
        `| ${name} | ${median.toFixed(0)} | ${most.toFixed(0)} | ${found} | ${total === null ? "not counted" : number(total)} |`,
    ),
    "",
    `Judgements by score to the end: ${number(paging.pages)} pages, ${number(paging.seen)} rows, ${((1000 * paging.seconds) / paging.pages).toFixed(1)} ms a page; ${paging.before} MB before, ${paging.most} MB at most, ${paging.after} MB after.`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
} finally {
  if (given === undefined) rmSync(folder, { recursive: true, force: true });
}
