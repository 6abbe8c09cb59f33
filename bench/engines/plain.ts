/**
 * @file The same requests in a plain script: all sent at once, each answer a line of a
 * file. It keeps no ledger, reads no template and checks nothing, so it is less than
 * anybody's script would do.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdir, open, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { freePort } from "../../src/launchers/meeting-port.js";
import { SIMULATED, STAGES, type StageName } from "./loop.js";

/** Requests in flight: twice what the server computes at once. */
const CONNECTIONS = 512;

/** What a run asked its server, stage by stage. */
async function recordedBodies(
  server: string,
): Promise<Record<StageName, string[]>> {
  const bodies: Record<StageName, string[]> = {
    candidates: [],
    judgements: [],
  };
  const input = createReadStream(join(server, "requests.jsonl"));
  for await (const line of createInterface({ input })) {
    const { max_tokens: most } = JSON.parse(line) as { max_tokens: number };
    for (const [name, tokens] of Object.entries(STAGES))
      if (most === tokens) bodies[name as StageName].push(line);
  }
  return bodies;
}

/** Seconds of each stage of a run, on a server of its own with the run's server's name. */
export async function runPlain(
  folder: string,
  model: string,
  recorded: string,
): Promise<Record<StageName, number>> {
  const bodies = await recordedBodies(recorded);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "secrets.yaml"), "api-key: plain\n");
  const port = await freePort();
  const server = spawn(
    SIMULATED,
    [
      ...["--model", model, "--config", "secrets.yaml"],
      ...["--served-model-name", basename(recorded)],
      ...["--host", "127.0.0.1", "--port", String(port)],
      ...["--max-model-len", "1024"],
    ],
    { cwd: folder, stdio: "inherit" },
  );
  const pool = new Pool(`http://127.0.0.1:${port}`, {
    connections: CONNECTIONS,
  });
  const headers = { authorization: "Bearer plain" };
  const ready = () =>
    pool.request({ method: "GET", path: "/health" }).then(
      async ({ body }) => (await body.dump(), true),
      () => false,
    );
  while (!(await ready())) await sleep(50);
  const seconds = { candidates: 0, judgements: 0 };
  for (const stage of Object.keys(STAGES) as StageName[]) {
    const began = performance.now();
    const file = await open(join(folder, `${stage}.jsonl`), "w");
    await Promise.all(
      bodies[stage].map(async (body) => {
        const { body: answer } = await pool.request({
          ...{ method: "POST", path: "/v1/completions", headers, body },
        });
        await file.write(`${JSON.stringify(await answer.json())}\n`);
      }),
    );
    await file.close();
    seconds[stage] = (performance.now() - began) / 1000;
  }
  await pool.close();
  server.kill();
  await once(server, "close");
  return seconds;
}
