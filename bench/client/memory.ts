/**
 * @file Memory and rate over 200,000 requests, in batches, with the garbage
 * collector run before each look so that only what is held counts.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openRecordingFile } from "../../src/answers/recording-file.js";
import { openEndpoint } from "../../src/endpoints/endpoint.js";
import { INSTANT, withServer } from "./bench-server.js";
import { CONCURRENCY, request } from "./clients.js";

const REQUESTS = 200_000;
const BATCH = 2000;
/** Batches between two looks. */
const LOOK_EVERY = 10;

export interface Look {
  readonly requests: number;
  /** Since the last look. */
  readonly perSecond: number;
  readonly heapMiB: number;
  readonly residentMiB: number;
}

export interface MemoryRun {
  readonly recorded: boolean;
  readonly requests: number;
  readonly perSecond: number;
  readonly looks: readonly Look[];
}

/** @param recorded keep every answer in a JSON Lines file, as --record does */
export async function measureMemory(recorded: boolean): Promise<MemoryRun> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const folder = await mkdtemp(join(tmpdir(), "client-bench-"));
  try {
    return await withServer(INSTANT, async (baseUrl) => {
      const store = recorded
        ? await openRecordingFile(join(folder, "calls.jsonl"), "record")
        : undefined;
      const model = openEndpoint(
        { baseUrl, model: "bench", maxConcurrency: CONCURRENCY },
        { environment: {}, ...(store === undefined ? {} : { store }) },
      );
      const looks: Look[] = [];
      let working = 0;
      let sinceLook = 0;
      for (let sent = 0; sent < REQUESTS; sent += BATCH) {
        const began = performance.now();
        await model.generate(
          Array.from({ length: BATCH }, (_, index) => request(sent + index)),
        );
        const elapsed = performance.now() - began;
        working += elapsed;
        sinceLook += elapsed;
        if ((sent / BATCH + 1) % LOOK_EVERY !== 0) continue;
        collect();
        const { heapUsed, rss } = process.memoryUsage();
        looks.push({
          requests: sent + BATCH,
          perSecond: Math.round((1000 * LOOK_EVERY * BATCH) / sinceLook),
          heapMiB: Math.round(heapUsed / 2 ** 20),
          residentMiB: Math.round(rss / 2 ** 20),
        });
        sinceLook = 0;
      }
      await model.close();
      await store?.close();
      return {
        recorded,
        requests: REQUESTS,
        perSecond: Math.round((1000 * REQUESTS) / working),
        looks,
      };
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}
