/**
 * @file What a user says about a launcher: a kind, and what that kind may be told.
 *
 * None of it is secret: a token is named by its variable, never given.
 */
import { z } from "zod";

const localKeys = z.strictObject({
  kind: z.literal("local").describe("Processes of this machine."),
});

const slurmKeys = z.strictObject({
  kind: z.literal("slurm").describe("Batch jobs of a Slurm cluster."),
  partition: z.string().min(1).exactOptional().describe("sbatch --partition."),
  account: z.string().min(1).exactOptional().describe("sbatch --account."),
  qos: z.string().min(1).exactOptional().describe("sbatch --qos."),
  timeLimitMinutes: z
    .int()
    .min(2)
    .exactOptional()
    .describe(
      "sbatch --time of one attempt; a training saves before it and goes on in the next.",
    ),
  args: z
    .array(z.string().startsWith("-"))
    .exactOptional()
    .describe("Further options of sbatch, such as --constraint=a100."),
});

const rayKeys = z.strictObject({
  kind: z.literal("ray").describe("Jobs of a Ray cluster, over its REST API."),
  address: z
    .url({ protocol: /^https?$/ })
    .exactOptional()
    .describe(
      "Of the dashboard, which takes jobs; http://127.0.0.1:8265 when absent.",
    ),
  tokenVariable: z
    .string()
    .regex(/^[A-Za-z_]\w*$/)
    .exactOptional()
    .describe(
      "Environment variable that holds the cluster's token; RAY_AUTH_TOKEN when absent.",
    ),
  resources: z
    .record(z.string().min(1), z.number().positive())
    .exactOptional()
    .describe("Further resources that a job asks for on each node."),
});

/** A kind alone stands for that kind with its defaults. */
export const launcherKeys = z.union([
  z.enum(["local", "slurm", "ray"]),
  z.discriminatedUnion("kind", [localKeys, slurmKeys, rayKeys]),
]);

export type LauncherSettings =
  | z.infer<typeof localKeys>
  | z.infer<typeof slurmKeys>
  | z.infer<typeof rayKeys>;

/** What was written in a recipe, in its long form. */
export function launcherSettings(
  written: z.infer<typeof launcherKeys>,
): LauncherSettings {
  return typeof written === "string" ? { kind: written } : written;
}
