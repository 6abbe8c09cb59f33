/**
 * @file `engine.train` of a recipe: what trains the models of a run, each key with its
 * default and what it means; docs/recipes.md is written from them.
 */
import { z } from "zod";
import { launcherKeys } from "../launchers/settings.js";
import { positiveInt } from "./numbers.js";

const tolerance = z
  .number()
  .positive()
  .default(0.02)
  .describe(
    "Nats a token by which trainer and generator may differ on 32 rows after a training, before the run stops; asked where one of them is not this program's engine.",
  );

const embedded = z.strictObject({
  kind: z.literal("embedded").describe("The engine of this program."),
  tolerance,
});

const trl = z.strictObject({
  kind: z
    .literal("trl")
    .describe(
      "TRL in Python under torchrun, with the same batches and losses.",
    ),
  launch: launcherKeys
    .default("local")
    .describe(
      "Where it runs: local, slurm or ray, or a kind with its options.",
    ),
  python: z
    .string()
    .min(1)
    .default("python3")
    .describe(
      "The interpreter that has TRL; `autodidact doctor --engine trl` says what it lacks.",
    ),
  nodes: positiveInt.default(1).describe("Machines that train together."),
  processesPerNode: positiveInt
    .default(1)
    .describe("Processes on each, one a GPU; they share every batch."),
  strategy: z
    .enum(["single", "ddp", "fsdp2"])
    .default("single")
    .describe(
      "One process, all weights in each process, or weights in shards (GPUs only).",
    ),
  precision: z
    .enum(["float32", "bf16"])
    .default("float32")
    .describe("bf16 computes in it, over weights and moments in float32."),
  device: z
    .enum(["auto", "cpu", "cuda"])
    .default("auto")
    .describe(
      "auto takes the GPUs that are there; cuda asks the launcher for one a process, and stops without.",
    ),
  tolerance,
});

/** What trains; who generates afterwards is told to prove that it has the same model. */
export const trainEngine = z.discriminatedUnion("kind", [embedded, trl]);
