/**
 * @file Verdicts over HTTP: taken from the dashboard's own page only, and only as the API
 * has them.
 */
import { join } from "node:path";
import { expect, test } from "vitest";
import type {
  NewVerdict,
  ReviewPage,
  VerdictSummary,
} from "../../src/dashboard/api/api.js";
import { temporaryFolder } from "../ledger/support.js";
import { writePair } from "../ledger/reviewed-ledger.js";
import { dashboardOn, type OpenedDashboard } from "./open-dashboard.js";
import { openRun } from "./written-run.js";

const NEXT = "/api/runs/a/review?subject=pairs&reviewer=Ada";

async function dashboardOnPair(): Promise<OpenedDashboard> {
  const folder = join(temporaryFolder(), "a");
  const ledger = openRun(folder);
  writePair(ledger);
  ledger.close();
  return dashboardOn(folder);
}

/** That the left answer of what is offered is the better one. */
async function leftIsBetter(
  { json }: OpenedDashboard,
  blind = false,
): Promise<NewVerdict> {
  const { item } = await json<ReviewPage>(`${NEXT}&blind=${blind}`);
  if (item?.subject !== "pairs") throw new Error("A pair was expected.");
  const { subject, id, swapped, content } = item;
  return {
    ...{ subject, id, swapped, content, blind },
    ...{ reviewer: "Ada", better: "left" },
  };
}

function post(
  { ask, token }: OpenedDashboard,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return ask("/api/runs/a/review", {
    method: "POST",
    body,
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      ...headers,
    },
  });
}

test("a verdict is counted at once, and comes out in summary and file", async () => {
  const dashboard = await dashboardOnPair();
  const verdict = await leftIsBetter(dashboard);
  const answer = await post(dashboard, JSON.stringify(verdict), {
    origin: dashboard.origin,
  });
  expect(await answer.json()).toEqual({ done: 1, total: 1 });
  expect(await dashboard.json(NEXT)).toEqual({ done: 1, total: 1, item: null });
  expect(
    await dashboard.json<VerdictSummary>("/api/runs/a/review/summary"),
  ).toMatchObject({ pairs: { agree: 1, disagree: 0, equal: 0 } });
  const file = await dashboard.ask("/api/runs/a/review/export/verdicts.jsonl");
  expect(file.headers.get("content-disposition")).toBe(
    'attachment; filename="verdicts.jsonl"',
  );
  const lines = (await file.text()).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { reviewer: "Ada" },
  ]);
});

test("a verdict of another site, of another form or of another row is refused, and nothing is recorded", async () => {
  const dashboard = await dashboardOnPair();
  const verdict = await leftIsBetter(dashboard);
  const body = JSON.stringify(verdict);
  const wrong = (changes: object) => JSON.stringify({ ...verdict, ...changes });
  const answers: [number, Promise<Response>][] = [
    [403, post(dashboard, body, { origin: "http://evil.example" })],
    [403, post(dashboard, body, { authorization: "Bearer wrong" })],
    [400, post(dashboard, body, { "content-type": "text/plain" })],
    [400, post(dashboard, "no JSON")],
    [400, post(dashboard, wrong({ better: "middle" }))],
    [400, post(dashboard, wrong({ reviewer: " " }))],
    [400, post(dashboard, wrong({ surplus: 1 }))],
    [404, post(dashboard, wrong({ id: 99 }))],
    [409, post(dashboard, wrong({ content: "another" }))],
    [413, post(dashboard, wrong({ reviewer: "x".repeat(100_000) }))],
  ];
  for (const [status, answer] of answers)
    expect((await answer).status).toBe(status);
  expect(await dashboard.json(NEXT)).toMatchObject({ done: 0 });
});

test("reading takes no verdict, and knows no other parameter or file", async () => {
  const dashboard = await dashboardOnPair();
  const verdict = await leftIsBetter(dashboard);
  const query = new URLSearchParams(
    Object.entries(verdict).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]),
  );
  const statusOf = async (path: string) => (await dashboard.ask(path)).status;
  expect(await statusOf(`/api/runs/a/review?${query.toString()}`)).toBe(400);
  expect(await statusOf("/api/runs/a/review?subject=pairs")).toBe(400);
  expect(await statusOf(`${NEXT}&reviewer=Eve`)).toBe(400);
  expect(await statusOf(`${NEXT}&blind=perhaps`)).toBe(400);
  expect(await statusOf("/api/runs/a/review/export/ledger.db")).toBe(404);
  expect(await dashboard.json(NEXT)).toMatchObject({ done: 0 });
});
