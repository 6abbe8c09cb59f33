import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  mergeAdapter,
  openAdapter,
  saveAdapter,
} from "../checkpoints/adapter.js";
import { openCheckpoint, type Checkpoint } from "../checkpoints/checkpoint.js";
import { randomStream } from "../foundation/random.js";
import { chainOf, writeChain } from "./adapter-chain.js";

let folder: string;
let root: Checkpoint;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chain-"));
  cpSync("test/fixtures/checkpoints/llama", join(folder, "M1"), {
    recursive: true,
  });
  root = await openCheckpoint(join(folder, "M1"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A round: an adapter with random weights beside what would be the merged checkpoint. */
async function adapt(
  from: string,
  to: string,
  { rank = 4, alpha = 8, targets = ["q_proj", "down_proj"] } = {},
): Promise<void> {
  mkdirSync(join(folder, to));
  const random = randomStream(1, to);
  const layers = root.parameters
    .map(({ name, shape: [outputs = 0, inputs = 0] }) => ({
      ...{ layer: name.replace(/\.weight$/, ""), inputs, outputs },
    }))
    .filter(({ layer }) => targets.some((target) => layer.endsWith(target)));
  const sizes = new Map(layers.map((each) => [each.layer, each]));
  await saveAdapter({
    ...{ folder: join(folder, `${to}-adapter`), rank, alpha, targets, layers },
    baseModel: join(folder, from),
    read: (layer, half) => {
      const { inputs = 0, outputs = 0 } = sizes.get(layer) ?? {};
      const size = rank * (half === "A" ? inputs : outputs);
      return Float32Array.from({ length: size }, () => random.next() - 0.5);
    },
  });
}

it.each([
  ["one", [{}]],
  ["two alike", [{}, {}]],
  [
    "other ranks and scales",
    [
      { rank: 2, alpha: 1 },
      { rank: 7, alpha: 3 },
    ],
  ],
  [
    "other layers",
    [
      { targets: ["q_proj"] },
      { targets: ["up_proj"] },
      { targets: ["q_proj"] },
    ],
  ],
])("as one adapter has the weights of all merged: %s", async (_, rounds) => {
  let merged = root;
  for (const [i, how] of rounds.entries()) {
    await adapt(`M${i + 1}`, `M${i + 2}`, how);
    const path = join(folder, `M${i + 2}-adapter`);
    merged = mergeAdapter(merged, await openAdapter(path));
  }
  const chain = await chainOf(join(folder, `M${rounds.length + 1}`), 64);
  expect(chain.root).toBe(join(folder, "M1"));
  await writeChain(chain, join(folder, "one"));
  const one = mergeAdapter(root, await openAdapter(join(folder, "one")));
  let changed = 0;
  for (const { name } of root.parameters) {
    const [before, expected, found] = await Promise.all(
      [root, merged, one].map((each) => each.readParameter(name)),
    );
    expected?.forEach((value, at) => {
      if (Math.abs(value - (found?.[at] ?? NaN)) > 1e-6)
        expect([name, at, found?.[at]]).toEqual([name, at, value]);
      if (value !== before?.[at]) changed++;
    });
  }
  expect(changed).toBeGreaterThan(0);
});

it("stays with the merged checkpoint where the adapters have too high a rank together", async () => {
  await adapt("M1", "M2");
  await adapt("M2", "M3");
  const above = async (name: string) => {
    const { root: path, adapters } = await chainOf(join(folder, name), 7);
    return [path, adapters.length];
  };
  expect(await above("M2")).toEqual([join(folder, "M1"), 1]);
  expect(await above("M3")).toEqual([join(folder, "M3"), 0]);
  expect(await above("M1")).toEqual([join(folder, "M1"), 0]);
});

it("stays with the merged checkpoint above an adapter of the head, which vLLM does not take", async () => {
  await adapt("M1", "M2", { targets: ["q_proj", "lm_head"] });
  await adapt("M2", "M3");
  const { root: path, adapters } = await chainOf(join(folder, "M3"), 64);
  expect([path, adapters.length]).toEqual([join(folder, "M2"), 1]);
});

it("finds the base beside a checkpoint whose folder was moved", async () => {
  await adapt("M1", "M2");
  const moved = `${folder}-moved`;
  renameSync(folder, moved);
  const { root: path } = await chainOf(join(moved, "M2"), 64);
  expect(path).toBe(join(moved, "M1"));
  renameSync(moved, folder);
});
