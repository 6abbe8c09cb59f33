/**
 * @file `autodidact judge` with a model behind a real server: what it garbles, refuses and
 * puts off, a stop in the middle, and calibration.
 */
import { existsSync, readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { EXIT_CODES } from "../../src/foundation/error.js";
import {
  CRITIC_KEY,
  startOutsideServer,
  type OutsideScript,
} from "../resume/scripted-outside.js";
import { autodidact, type ProgramOptions } from "./program.js";
import { workFolder, type WorkFolder } from "./stage-files.js";

/** Rows whose answers the critic knows to be right, and others. */
const ROWS = Array.from({ length: 300 }, (_, i) => ({
  prompt: `question ${i}`,
  response: i % 3 === 0 ? `right ${i}` : `other ${i}`,
}));

const RIGHT = new Set(
  ROWS.map(({ response }) => response).filter((text) =>
    text.startsWith("right"),
  ),
);

async function criticOf(script: Partial<OutsideScript> = {}) {
  const server = await startOutsideServer({ right: RIGHT, ...script });
  onTestFinished(() => server.close());
  return server;
}

function judge(
  work: WorkFolder,
  url: string,
  args: readonly string[],
  options: ProgramOptions = {},
) {
  const template = work.write("rate.txt", "P: {prompt} A: {response}");
  return autodidact(
    [
      ...["judge", "--endpoint", `${url}/v1`, "--model", "critic"],
      ...["--api-key-variable", "CRITIC_KEY", "--judge-template", template],
      ...["--reward", "samples", "--samples", "1", ...args],
    ],
    { cwd: work.path, env: { CRITIC_KEY }, ...options },
  );
}

test("what is garbled or refused is malformed, what is put off is asked again", async () => {
  const work = workFolder();
  const server = await criticOf();
  const data = work.write("answers.jsonl", ROWS);
  const made = await judge(work, server.url, [
    ...["--data", data, "--out", work.at("judged.jsonl"), "--json"],
  ]);
  expect(made.code, made.stderr).toBe(0);
  const rows = work.rows<{
    readonly response: string;
    readonly kind: string;
    readonly score: number | null;
    readonly judgements: readonly { readonly raw: string }[];
  }>("judged.jsonl");
  expect(rows.map(({ response }) => response)).toEqual(
    ROWS.map(({ response }) => response),
  );
  const malformed = rows.filter(({ kind }) => kind === "malformed");
  const words = new Set(
    malformed.flatMap(({ judgements }) => judgements[0]?.raw),
  );
  expect(words).toEqual(new Set(["", "I like it."]));
  expect(malformed.every(({ score }) => score === null)).toBe(true);
  expect(
    rows
      .filter(({ kind, response }) => kind === "score" && RIGHT.has(response))
      .every(({ score }) => score === 5),
  ).toBe(true);
  expect(JSON.parse(made.stdout)).toMatchObject({
    rows: 300,
    malformed: malformed.length,
    scored: 300 - malformed.length,
  });
  expect(server.refused.get(400)).toBe(
    malformed.filter(({ judgements }) => judgements[0]?.raw === "").length,
  );
  expect(server.refused.get(429)).toBeGreaterThan(0);
  expect([...server.sold.values()].every((times) => times === 1)).toBe(true);
  expect(existsSync(work.at("judged.jsonl.answers"))).toBe(false);
});

test("stopped in the middle, the same command buys nothing twice and ends the same", async () => {
  const work = workFolder();
  const [server, other] = await Promise.all([criticOf(), criticOf()]);
  const data = work.write("answers.jsonl", ROWS);
  const args = ["--data", data, "--out", work.at("judged.jsonl")];
  let stopped = false;
  const first = await judge(work, server.url, args, {
    onStderr: (child) => {
      if (!stopped && server.sold.size > 20) {
        stopped = true;
        child.kill("SIGINT");
      }
    },
  });
  expect(first.code).toBe(EXIT_CODES.INTERRUPTED);
  expect(existsSync(work.at("judged.jsonl"))).toBe(false);
  const again = await judge(work, server.url, args);
  expect(again.code, again.stderr).toBe(0);
  expect([...server.sold.values()].filter((times) => times > 1)).toEqual([]);
  const whole = await judge(work, other.url, [
    ...["--data", data, "--out", work.at("whole.jsonl")],
  ]);
  expect(whole.code).toBe(0);
  expect(readFileSync(work.at("judged.jsonl"), "utf8")).toBe(
    readFileSync(work.at("whole.jsonl"), "utf8"),
  );
});

test("calibration names the accuracy with its interval, and the cure of a judge over an endpoint", async () => {
  const work = workFolder();
  const pairs = Array.from({ length: 60 }, (_, i) => ({
    prompt: `question ${i}`,
    chosen: `right ${3 * i}`,
    rejected: `other ${i}`,
  }));
  const file = work.write("pairs.jsonl", pairs);
  const calibrated = async (perverse: boolean) => {
    const server = await criticOf({ perverse });
    const out = work.at(`judged-${String(perverse)}.jsonl`);
    return judge(work, server.url, [
      "--calibrate",
      file,
      "--out",
      out,
      "--json",
    ]);
  };
  const good = await calibrated(false);
  expect(good.code, good.stderr).toBe(0);
  expect(JSON.parse(good.stdout)).toMatchObject({
    model: "critic",
    answers: 120,
    accuracy: { mean: 1 },
    fit: true,
  });
  const bad = await calibrated(true);
  expect(JSON.parse(bad.stdout)).toMatchObject({
    accuracy: { mean: 0 },
    fit: false,
    sentence: expect.stringContaining(
      "reword --judge-template, or name a larger model",
    ) as unknown,
  });
});

test("without a key, or with a wrong one, nothing is judged", async () => {
  const work = workFolder();
  const server = await criticOf();
  const data = work.write("answers.jsonl", ROWS.slice(0, 3));
  const { code, stderr } = await judge(
    work,
    server.url,
    ["--data", data, "--out", work.at("judged.jsonl")],
    { env: { CRITIC_KEY: "another-key" } },
  );
  expect(code).toBe(EXIT_CODES.ENDPOINT);
  expect(stderr).not.toContain("another-key");
  expect(server.sold.size).toBe(0);
});

const COSTLY = "models:\n  critic: { input: 1000, output: 1000 }\n";

test("a limit of money is never crossed, over any number of commands", async () => {
  const work = workFolder();
  const server = await criticOf();
  const data = work.write("answers.jsonl", ROWS);
  const out = work.at("judged.jsonl");
  const args = [
    ...["--data", data, "--out", out],
    ...["--prices", work.write("prices.yaml", COSTLY)],
  ];
  const paid = (): number =>
    work
      .rows<{ readonly usage: { readonly costMicros: number } }>(
        "judged.jsonl.answers",
      )
      .reduce((sum, { usage }) => sum + usage.costMicros, 0);
  const limited = (...limit: string[]) =>
    judge(work, server.url, [...args, ...limit]);
  const first = await limited("--max-cost", "2");
  expect(first.code, first.stderr).toBe(EXIT_CODES.BUDGET);
  expect(first.stderr).toContain("The limit of $2.00 is reached");
  const before = paid();
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThanOrEqual(2e6);
  const again = await limited("--max-cost", "2");
  expect(again.code).toBe(EXIT_CODES.BUDGET);
  expect(paid()).toBeLessThanOrEqual(2e6);
  const requests = await limited("--max-requests", "1");
  expect(requests.stderr).toContain("The limit of 1 requests is reached");
  const enough = await limited("--max-cost", "1000");
  expect(enough.code, enough.stderr).toBe(0);
  expect(work.rows("judged.jsonl")).toHaveLength(ROWS.length);
  expect([...server.sold.values()].every((times) => times === 1)).toBe(true);
});

test("money is not spent where nobody knows the price", async () => {
  const work = workFolder();
  const data = work.write("answers.jsonl", ROWS.slice(0, 3));
  const { code, stderr } = await judge(work, "http://judge.example", [
    ...["--data", data, "--out", work.at("judged.jsonl"), "--max-cost", "2"],
  ]);
  expect(code).toBe(EXIT_CODES.USAGE);
  expect(stderr).toContain('the price of "critic" is not known');
});
