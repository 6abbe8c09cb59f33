/**
 * @file `autodidact instruct` against a recorded server, killed with SIGKILL at 20
 * random moments of one run: the data set must come out byte for byte as without,
 * and nothing may be bought twice.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { randomStream } from "../../src/foundation/random.js";
import { recordedServer, type RecordedServer } from "./recorded-server.js";
import { datasetHashes, testFolders } from "./run-folder.js";

const KILLS = 20;
const IN_FLIGHT = 8;

const folder = testFolders();

function instruct(server: RecordedServer, runDir: string): ChildProcess {
  const words = [
    "dist/cli/main.js",
    "instruct",
    ...["--endpoint", server.url, "--model", "recorded"],
    ...["--style", "completion", "--accept", "150", "--seed", "4"],
    ...["--in-flight", String(IN_FLIGHT), "--run-dir", runDir],
  ];
  return spawn(process.execPath, words, {
    stdio: ["ignore", "ignore", "pipe"],
  });
}

async function finished(child: ChildProcess): Promise<number | null> {
  let told = "";
  child.stderr?.on("data", (chunk: Buffer) => (told += chunk.toString()));
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0 && code !== null) throw new Error(told);
  return code;
}

it("a run killed twenty times ends as one that was not, and buys nothing twice", async () => {
  // One server for both runs: its address is part of what an answer is kept under.
  const server = await recordedServer();
  const [whole, killed] = [await folder(), await folder()];
  expect(await finished(instruct(server, whole))).toBe(0);
  const bought = new Set(server.answered.keys());
  server.answered.clear();

  const moments = randomStream(2);
  let kills = 0;
  while (kills < KILLS) {
    const child = instruct(server, killed);
    const done = finished(child);
    // Somewhere between two answers, or on the way to the next one.
    const ended = await Promise.race([
      done.then(() => true),
      server
        .afterAnswers(1 + moments.integer(Math.ceil(bought.size / 24)))
        .then(() => sleep(moments.integer(15)))
        .then(() => false),
    ]);
    if (ended) break;
    child.kill("SIGKILL");
    await done;
    kills++;
  }
  expect(await finished(instruct(server, killed))).toBe(0);
  const repeated = [...server.answered.values()].reduce(
    (sum, times) => sum + times - 1,
    0,
  );
  await server.close();
  expect(kills).toBe(KILLS);
  expect(await datasetHashes(killed)).toEqual(await datasetHashes(whole));
  // The same requests and no other; only what was in flight when the process
  // died may have been sent again, under the same idempotency key.
  expect(new Set(server.answered.keys())).toEqual(bought);
  expect(repeated).toBeLessThan(KILLS * IN_FLIGHT);
});
