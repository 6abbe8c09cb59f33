/**
 * @file `engine.generate` of a recipe: what the models of a run generate and judge with,
 * each key with its default and what it means; docs/recipes.md is written from them.
 */
import { z } from "zod";
import { launcherKeys } from "../launchers/settings.js";
import { fromZero, positiveInt } from "./numbers.js";

const embedded = z.strictObject({
  kind: z.literal("embedded").describe("The engine of this program."),
});

const vllm = z
  .strictObject({
    kind: z
      .literal("vllm")
      .describe("A vLLM server, started for each model in its turn."),
    launch: launcherKeys
      .default("local")
      .describe(
        "Where it is started: local, slurm or ray, or a kind with its options.",
      ),
    python: z
      .string()
      .min(1)
      .default("python3")
      .describe(
        "The interpreter that has vLLM: a name, or a path from the current folder.",
      ),
    gpus: fromZero
      .default(1)
      .describe("GPUs of all servers together; 0 computes on the CPU."),
    instances: positiveInt
      .default(1)
      .describe(
        "Servers with the same weights side by side, each on gpus / instances GPUs of one node.",
      ),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .exactOptional()
      .describe(
        "Port of the first server, the others count up; free ones when absent.",
      ),
    maxModelLen: positiveInt
      .exactOptional()
      .describe(
        "Most tokens of a prompt with its answer; the model's own when absent.",
      ),
    dtype: z
      .enum(["auto", "float32", "float16", "bfloat16"])
      .exactOptional()
      .describe(
        "Numbers that are computed with; those of the checkpoint when absent, float32 on the CPU.",
      ),
    lora: z
      .enum(["merged", "adapter"])
      .exactOptional()
      .describe(
        "How a model that LoRA made is served: the merged checkpoint, by a server of its own, when absent; or `adapter`, its adapter beside the weights below, by one server that stays meanwhile, training included. Needs preference.lora.keepAdapter.",
      ),
    args: z
      .array(z.string().min(1))
      .default([])
      .describe("Further arguments of vLLM's server, as they are."),
    env: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/), z.string())
      .default({})
      .describe("Further variables of its environment; no secrets."),
  })
  .refine(({ gpus, instances }) => gpus % instances === 0, {
    path: ["instances"],
    message: "It must divide gpus, so that every server has as many.",
  });

/** What generates; a model that is trained meanwhile is served anew. */
export const generateEngine = z.discriminatedUnion("kind", [embedded, vllm], {
  error: ({ input }) =>
    z.looseObject({ kind: z.literal("served") }).safeParse(input).success
      ? "A server that already runs cannot be given the weights that a run makes; a model there can judge (judge.source: endpoint, judge.endpoint) or write the prompts (prompts.endpoint)."
      : undefined,
});

export type VllmEngine = z.infer<typeof vllm>;
