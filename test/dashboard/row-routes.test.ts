/**
 * @file Rows over HTTP: what is asked for wrongly is said, and no text is anything but text.
 */
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import type {
  ApiFailure,
  RowDetail,
  TableInfo,
  TablePage,
} from "../../src/dashboard/api/api.js";
import { temporaryFolder } from "../ledger/support.js";
import { madeRun, writeFamily } from "./made-run.js";
import { dashboardOn } from "./open-dashboard.js";
import { openRun, stageOf, writePrompts } from "./written-run.js";

async function dashboardOnFamily() {
  const { folder } = madeRun(writeFamily, { name: "family" });
  const dashboard = await dashboardOn(folder);
  return { ...dashboard, at: `/api/runs/${basename(folder)}` };
}

test("tables, pages, rows and what is related to them are answered", async () => {
  const { json, at } = await dashboardOnFamily();
  const tables = await json<TableInfo[]>(`${at}/tables`);
  expect(tables.find(({ name }) => name === "seed_tasks")?.rows).toBe(3);
  const page = await json<TablePage>(
    `${at}/tables/candidates?filter=tokens:gt:3&filter=prompt_id:eq:2&limit=5`,
  );
  expect(page.rows.map(({ id }) => id)).toEqual([4]);
  const sorted = `${at}/tables/candidates?sort=id&direction=down&limit=3`;
  const first = await json<TablePage>(sorted);
  expect(first.rows.map(({ id }) => id)).toEqual([4, 3, 2]);
  const after = encodeURIComponent(first.next ?? "");
  const second = await json<TablePage>(`${sorted}&after=${after}`);
  expect(second.rows.map(({ id }) => id)).toEqual([1]);
  const prompt = await json<RowDetail>(`${at}/rows/prompts/1`);
  const [relation] = prompt.relations.filter(({ total }) => total > 0);
  expect(
    await json<TablePage>(`${at}/rows/prompts/1/${relation?.key ?? ""}`),
  ).toMatchObject({ rows: relation?.rows.map(({ id }) => ({ id })) });
});

test("what is not there is 404, and what is asked for wrongly 400 with what was expected", async () => {
  const { ask, at } = await dashboardOnFamily();
  const refused = async (path: string): Promise<[number, string]> => {
    const answer = await ask(path);
    return [answer.status, ((await answer.json()) as ApiFailure).code];
  };
  for (const path of [
    "/tables/nothing",
    "/tables/sqlite_master",
    "/tables/prompts%3b%20drop%20table%20prompts",
    "/rows/prompts/99",
    "/rows/prompts/-1",
    "/rows/prompts/1%20or%201",
    "/rows/prompts/1/nothing",
  ])
    expect([path, ...(await refused(at + path))]).toEqual([
      ...[path, 404, "NOT_FOUND"],
    ]);
  for (const query of [
    "sort=nothing",
    "direction=sideways",
    "filter=text",
    "filter=nothing:eq:1",
    "limit=0",
    "limit=501",
    "limit=many",
    "after=nothing",
    "surplus=1",
    "sort=id&sort=text",
  ])
    expect([
      query,
      ...(await refused(`${at}/tables/prompts?${query}`)),
    ]).toEqual([query, 400, "USAGE"]);
  expect((await refused(`${at}/held-out?left=M0`))[0]).toBe(400);
});

test("script and a text of 10 MB come as cut JSON text", async () => {
  const script = "<script>alert(1)</script>";
  const folder = join(temporaryFolder(), "a");
  const ledger = openRun(folder);
  const long = script.repeat(400_000);
  writePrompts(stageOf(ledger, "seeds"), 0, 2, (i) =>
    i === 0 ? script : long,
  );
  ledger.close();
  const { ask } = await dashboardOn(folder);
  const answer = await ask("/api/runs/a/tables/prompts");
  expect(answer.headers.get("content-type")).toBe("application/json");
  const text = await answer.text();
  expect(text.length).toBeLessThan(10_000);
  const { rows } = JSON.parse(text) as TablePage;
  expect(rows.map(({ cells }) => String(cells["text"]).slice(0, 25))).toEqual([
    script,
    script,
  ]);
  expect(rows.map(({ cut }) => cut.includes("text"))).toEqual([false, true]);
});

test("rows are those of the ledger that lies there now", async () => {
  const folder = join(temporaryFolder(), "a");
  const ledger = openRun(folder);
  writePrompts(stageOf(ledger, "seeds"), 0, 2);
  const { json } = await dashboardOn(folder);
  const texts = async () =>
    (await json<TablePage>("/api/runs/a/tables/prompts")).rows.map(
      ({ cells }) => cells["text"],
    );
  expect(await texts()).toEqual(["prompt 0", "prompt 1"]);
  const fresh = ledger.renew({});
  writePrompts(stageOf(fresh, "seeds"), 0, 1, () => "another");
  expect(await texts()).toEqual(["another"]);
  fresh.close();
});

test("held-out prompts of runs that measured none are no failure, and of one run they are", async () => {
  const folder = temporaryFolder();
  for (const name of ["a", "b"]) openRun(join(folder, name)).close();
  const { ask, json } = await dashboardOn(folder);
  const compared = "/api/comparison/prompts";
  expect(await json(`${compared}?run=a&run=b`)).toEqual({
    ...{ prompts: [], next: null },
  });
  expect((await ask(`${compared}?run=a`)).status).toBe(400);
  expect((await ask(`${compared}?run=a&run=c`)).status).toBe(404);
});
