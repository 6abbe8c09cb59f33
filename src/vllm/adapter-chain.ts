/**
 * @file A checkpoint that adapters made, as one adapter over the weights below them all.
 *
 * A training with LoRA merges its adapter into a whole checkpoint, and may leave it beside
 * that (`M2` and `M2-adapter`). With W + s₁B₁A₁ + s₂B₂A₂ = W + [s₁B₁ s₂B₂]·[A₁; A₂] a
 * server that has the lowest weights serves every checkpoint above them.
 */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  openAdapter,
  saveAdapter,
  type Adapter,
} from "../checkpoints/adapter.js";
import type { Checkpoint } from "../checkpoints/checkpoint.js";

export interface AdapterChain {
  /** Checkpoint folder that is loaded as it is. */
  readonly root: string;
  /** What lies above it, the lowest first; none where the checkpoint itself is loaded. */
  readonly adapters: readonly Adapter[];
}

/** Servers adapt the layers of blocks, neither embeddings nor the head. */
const IN_BLOCK = /\.layers\.\d+\./;

/** Last names of the linear layers that an adapter of a served checkpoint may have. */
export function adaptable(parameters: Checkpoint["parameters"]): string[] {
  const linear = parameters.filter(
    ({ name, shape }) => IN_BLOCK.test(name) && shape.length === 2,
  );
  return [
    ...new Set(linear.map(({ name }) => lastOf(name.replace(/\.weight$/, "")))),
  ];
}

function lastOf(layer: string): string {
  return layer.slice(layer.lastIndexOf(".") + 1);
}

/**
 * @param maxRank of all adapters together; where they have more, or where an adapter cannot
 *   be served, the merged checkpoint is the root
 * @throws BAD_CHECKPOINT for an adapter that is damaged
 */
export async function chainOf(
  checkpoint: string,
  maxRank: number,
): Promise<AdapterChain> {
  const itself: AdapterChain = { root: checkpoint, adapters: [] };
  const folder = `${checkpoint}-adapter`;
  if (!existsSync(join(folder, "adapter_config.json"))) return itself;
  const adapter = await openAdapter(folder);
  const base = baseOf(checkpoint, adapter);
  if (
    base === null ||
    !adapter.layers.every(({ layer }) => IN_BLOCK.test(layer))
  )
    return itself;
  const below = await chainOf(base, maxRank);
  const adapters = [...below.adapters, adapter];
  return rankOf(adapters) > maxRank ? itself : { ...below, adapters };
}

/** A run that was moved has its models beside each other, wherever they once were. */
function baseOf(checkpoint: string, { baseModel }: Adapter): string | null {
  if (baseModel === null) return null;
  const beside = join(dirname(checkpoint), basename(baseModel));
  return [beside, baseModel].find(existsSync) ?? null;
}

function rankOf(adapters: readonly Adapter[]): number {
  return adapters.reduce((sum, adapter) => sum + widthOf(adapter), 0);
}

/** Rows that an adapter takes in every layer. */
function widthOf({ layers }: Adapter): number {
  return Math.max(0, ...layers.map(({ rank }) => rank));
}

/** Writes the adapters of a chain as one, in PEFT's format. @throws STORAGE; BAD_CHECKPOINT */
export async function writeChain(
  { root, adapters }: AdapterChain,
  folder: string,
): Promise<void> {
  const rank = rankOf(adapters);
  const layers = new Map(
    adapters.flatMap((adapter) =>
      adapter.layers.map((layer) => [layer.layer, layer]),
    ),
  );
  await saveAdapter({
    ...{ folder, baseModel: root, rank, alpha: rank },
    targets: [...new Set([...layers.keys()].map(lastOf))],
    layers: [...layers.values()],
    read: async (name, half) => {
      const { inputs = 0, outputs = 0 } = layers.get(name) ?? {};
      const matrix = new Float32Array(rank * (half === "A" ? inputs : outputs));
      let start = 0;
      for (const adapter of adapters) {
        const own = adapter.layers.find(({ layer }) => layer === name);
        if (own !== undefined) {
          const { a, b } = await adapter.read(name);
          if (half === "A") matrix.set(a, start * inputs);
          else
            b.forEach((value, at) => {
              const out = Math.floor(at / own.rank);
              const column = start + (at % own.rank);
              matrix[out * rank + column] = own.scale * value;
            });
        }
        start += widthOf(adapter);
      }
      return matrix;
    },
  });
}
