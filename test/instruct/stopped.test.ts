/**
 * @file `autodidact instruct` as its user sees it: stopped by a limit, gone on with,
 * and begun again after a mistake.
 */
import { EventEmitter } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { exportCommand } from "../../src/cli/commands/export.js";
import { instructCommand } from "../../src/cli/commands/instruct.js";
import { reportCommand } from "../../src/cli/commands/report.js";
import { runCli } from "../../src/cli/run-cli.js";
import { recordedServer, type RecordedServer } from "./recorded-server.js";
import { testFolders } from "./run-folder.js";

let server: RecordedServer;
beforeAll(async () => {
  server = await recordedServer();
});
afterAll(async () => {
  await server.close();
});

const folder = testFolders();

async function cli(
  argv: readonly string[],
): Promise<{ code: number; stderr: string }> {
  let stderr = "";
  const code = await runCli({
    argv: [...argv],
    commands: [instructCommand, reportCommand, exportCommand],
    groups: {},
    version: "1.2.3",
    stdout: { write: () => true },
    stderr: { write: (text: string) => ((stderr += text), true) },
    signals: new EventEmitter(),
    kill: () => undefined,
    now: () => 0,
  });
  return { code, stderr };
}

const instruct = (
  runDir: string,
  ...words: readonly string[]
): ReturnType<typeof cli> =>
  cli([
    ...["instruct", "--run-dir", runDir, "--style", "completion"],
    ...["--model", "m", "--accept", "30", "--in-flight", "2"],
    ...words,
  ]);

/** Counts of accepted instructions that were told, in order. */
const told = (stderr: string): readonly number[] =>
  [...stderr.matchAll(/^(\d+) of 30 accepted from/gmu)].map(([, accepted]) =>
    Number(accepted),
  );

it("is told before that a limit will end the run, at the limit how far it got, and after it only what is new", async () => {
  const place = await folder();
  const line = ["--endpoint", server.url, "--quiet"];
  const first = await instruct(place, ...line, "--max-requests", "20");
  expect(first.code).toBe(10);
  expect(first.stderr).toMatch(
    /^From the first .* That is more than --max-requests allows: the run will stop there, and can go on with a higher limit\.$/mu,
  );
  expect(first.stderr).toMatch(
    /The limit of 20 requests is reached.* So far \d+ of 30 instructions are accepted.*; the data set is written when all is done, and a replay of this run makes one of what is there by now, at no cost\.\n$/u,
  );
  const reached = told(first.stderr);
  expect(reached.length).toBeGreaterThan(1);

  const second = await instruct(place, ...line, "--max-requests", "45");
  expect(second.code).toBe(10);
  expect(second.stderr).toMatch(
    /So far 30 of 30 instructions are accepted, \d+ of them sorted/u,
  );
  for (const accepted of told(second.stderr)) {
    expect(accepted).toBeGreaterThan(Math.max(...reached));
  }

  const last = await instruct(place, ...line, "--max-requests", "500");
  expect(last).toMatchObject({ code: 0 });
  expect(told(last.stderr)).toEqual([]);
});

it("takes another address in the folder of a run that was never answered, but not of one that was", async () => {
  const place = await folder();
  const nobody = "http://127.0.0.1:1/v1";
  const wrong = await instruct(place, "--endpoint", nobody);
  expect(wrong.code).toBe(9);
  // Nothing was accepted, so there is nothing to say about it.
  expect(wrong.stderr).not.toContain("So far");
  const right = await instruct(place, "--endpoint", server.url);
  expect(right.code).toBe(0);
  const again = await instruct(place, "--endpoint", nobody);
  expect(again.code).toBe(6);
  expect(again.stderr).toContain("was made with other settings");
});

it("says of a stopped run how it goes on, and a replay of it has the rows that were paid for", async () => {
  const place = await folder();
  const line = ["--endpoint", server.url, "--quiet"];
  const stopped = await instruct(place, ...line, "--max-requests", "55");
  expect(stopped.code).toBe(10);
  for (const words of [
    ["report", place],
    ["export", "--run", place, "--format", "alpaca", "--out", `${place}.json`],
  ]) {
    const { code, stderr } = await cli(words);
    expect(code).toBe(3);
    expect(stderr).toContain("has not come to its end");
    expect(stderr).toContain(`autodidact status ${place}`);
    expect(stderr).toContain(`autodidact instruct --replay ${place} --run-dir`);
    expect(stderr).not.toContain("ENOENT");
  }
  const other = await folder();
  const replayed = await cli([
    "instruct",
    "--replay",
    place,
    "--run-dir",
    other,
  ]);
  expect(replayed.code).toBe(0);
  const rows = await readFile(join(other, "dataset", "alpaca.json"), "utf8");
  expect(JSON.parse(rows)).not.toHaveLength(0);
});
