/**
 * @file Checkpoints and adapters against the real transformers and PEFT: they load
 * what we save and compute the committed numbers with it, and the committed
 * fixtures are what the installed versions make today.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  mergeAdapter,
  openAdapter,
  saveAdapter,
} from "../../src/checkpoints/adapter.js";
import {
  openCheckpoint,
  saveCheckpoint,
} from "../../src/checkpoints/checkpoint.js";

const run = promisify(execFile);
const PYTHON = process.env["AUTODIDACT_PYTHON"] ?? "python3";
const FIXTURES = "test/fixtures/checkpoints";
const families = readdirSync(FIXTURES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

interface Job {
  readonly folder: string;
  readonly adapter?: string;
  readonly rows: readonly (readonly number[])[];
}

interface Finding {
  readonly problems: Record<string, string[]>;
  readonly last: readonly (readonly number[])[];
  readonly ids: readonly number[];
}

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "checkpoint-peers-"));
});
afterAll(() => rm(work, { recursive: true }));

async function askPython(jobs: readonly Job[]): Promise<Finding[]> {
  const child = run(PYTHON, ["test/peers/checkpoints-peer.py"], {
    maxBuffer: 1 << 28,
  });
  child.child.stdin?.end(JSON.stringify(jobs));
  return JSON.parse((await child).stdout) as Finding[];
}

async function reference(family: string): Promise<{
  readonly rows: readonly (readonly number[])[];
  readonly last: readonly (readonly number[])[];
  readonly adapted: readonly (readonly number[])[];
}> {
  const read = async (...path: string[]): Promise<unknown> =>
    JSON.parse(await readFile(join(FIXTURES, family, ...path), "utf8"));
  const { logits } = (await read("expected.json")) as {
    logits: { rows: number[][]; last: number[][] };
  };
  const { last } = (await read("lora", "expected.json")) as {
    last: number[][];
  };
  return { rows: logits.rows, last: logits.last, adapted: last };
}

function expectClose(
  actual: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
): void {
  const scale = Math.max(...expected.flat().map(Math.abs));
  const worst = Math.max(
    ...expected.flatMap((row, i) =>
      row.map((value, j) => Math.abs(value - (actual[i]?.[j] ?? NaN))),
    ),
  );
  expect(worst / scale).toBeLessThan(1e-5);
}

it("saves checkpoints that transformers loads without a complaint and computes the same with", async () => {
  const jobs: Job[] = [];
  for (const family of families) {
    const source = join(FIXTURES, family);
    const folder = join(work, family);
    const checkpoint = await openCheckpoint(source);
    await saveCheckpoint({
      folder,
      config: checkpoint.config,
      tokenizerFrom: source,
      readParameter: (name) => checkpoint.readParameter(name),
      maxShardBytes: 40_000,
    });
    jobs.push({ folder, rows: (await reference(family)).rows });
  }
  const findings = await askPython(jobs);
  for (const [index, family] of families.entries()) {
    const finding = findings[index];
    const { tokenizer } = await openCheckpoint(join(FIXTURES, family));
    expect({ family, problems: finding?.problems }).toEqual({
      family,
      problems: {},
    });
    expectClose(finding?.last ?? [], (await reference(family)).last);
    expect(finding?.ids).toEqual(
      await tokenizer.encode("Hello world", { addSpecialTokens: true }),
    );
  }
});

it("merges PEFT's adapters as PEFT does, and saves adapters that PEFT loads", async () => {
  const jobs: Job[] = [];
  for (const family of families) {
    const source = join(FIXTURES, family);
    const base = await openCheckpoint(source);
    const adapter = await openAdapter(join(source, "lora"));
    const merged = mergeAdapter(base, adapter);
    const { rows } = await reference(family);
    const folder = join(work, `${family}-merged`);
    await saveCheckpoint({
      folder,
      config: merged.config,
      tokenizerFrom: source,
      readParameter: (name) => merged.readParameter(name),
    });
    jobs.push({ folder, rows });
    // Ours has one rank and one scale: the others' patterns cannot be copied.
    if (new Set(adapter.layers.map(({ scale }) => scale)).size > 1) continue;
    const scale = adapter.layers[0]?.scale ?? NaN;
    const own = join(work, `${family}-adapter`);
    await saveAdapter({
      folder: own,
      baseModel: source,
      rank: 2,
      alpha: 2 * scale,
      targets: [...new Set(adapter.layers.map(({ layer }) => lastName(layer)))],
      layers: adapter.layers,
      read: async (layer, half) => {
        const { a, b } = await adapter.read(layer);
        return half === "A" ? a : b;
      },
    });
    jobs.push({ folder: source, adapter: own, rows });
  }
  const findings = await askPython(jobs);
  for (const [index, job] of jobs.entries()) {
    const family = families.find((name) =>
      [join(work, `${name}-merged`), join(FIXTURES, name)].includes(job.folder),
    );
    const { adapted } = await reference(family ?? "");
    expectClose(findings[index]?.last ?? [], adapted);
  }
});

it("has committed the fixtures that the installed transformers makes", async () => {
  const live = join(work, "live");
  await run(PYTHON, ["scripts/fixtures/tiny-models.py", "--out", live]);
  for (const family of families) {
    const files = await readdir(join(live, family));
    for (const name of files.filter((file) => file.startsWith("expected"))) {
      const [now, then] = await Promise.all(
        [live, FIXTURES].map(
          async (root) =>
            JSON.parse(
              await readFile(join(root, family, name), "utf8"),
            ) as unknown,
        ),
      );
      expectSimilar(now, then, `${family}/${name}`);
    }
  }
});

function lastName(layer: string): string {
  return layer.slice(layer.lastIndexOf(".") + 1);
}

/** Equal but for float rounding and the versions that made them. */
function expectSimilar(now: unknown, then: unknown, path: string): void {
  if (path.endsWith(".versions") || path.endsWith(".smallestMargin")) return;
  if (typeof then === "number" && !Number.isInteger(then)) {
    const error = Math.abs(Number(now) - then) / Math.max(1, Math.abs(then));
    expect(error, path).toBeLessThan(1e-4);
  } else if (typeof then === "object" && then !== null) {
    const [a, b] = [now as object, then];
    expect(Object.keys(a), path).toEqual(Object.keys(b));
    for (const [key, value] of Object.entries(b))
      expectSimilar(
        (a as Record<string, unknown>)[key],
        value,
        `${path}.${key}`,
      );
  } else expect(now, path).toEqual(then);
}
