/**
 * @file The servers of a run folder: each has a folder with its log, and until it was
 * ended a record, by which the next process finds those that a killed one left behind.
 */
import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../foundation/storage.js";
import type { Attempt, Job } from "../launchers/job.js";
import type { Launcher } from "../launchers/launcher.js";

const RECORD = "server.json";

const recordSchema = z.strictObject({
  launcher: z.string(),
  job: z.strictObject({
    id: z.string(),
    name: z.string(),
    argv: z.tuple([z.string()], z.string()),
    env: z.record(z.string(), z.string()),
    cwd: z.string(),
    nodes: z.number(),
    gpusPerNode: z.number(),
    done: z.null(),
    graceSeconds: z.number(),
  }),
});

/** Written before the job is submitted. @throws STORAGE */
export async function recordServer(
  { kind }: Pick<Launcher, "kind">,
  { folder, ...job }: Job,
): Promise<void> {
  const record: z.input<typeof recordSchema> = {
    launcher: kind,
    job: recordSchema.shape.job.parse(job),
  };
  await writeFileAtomic(join(folder, RECORD), JSON.stringify(record, null, 2));
}

/** The server of this job's folder was ended. */
export async function forgetServer({
  folder,
}: Pick<Job, "folder">): Promise<void> {
  await rm(join(folder, RECORD), { force: true });
}

/**
 * Ends the servers that an earlier process of this run left behind. Only what the
 * launcher knows as that very job is touched.
 * @param folder of the servers of a run
 * @returns how many there were
 */
export async function endLeftServers(
  launcher: Launcher,
  folder: string,
): Promise<number> {
  let ended = 0;
  for (const attempt of await leftServers(launcher, folder)) {
    const { state } = await launcher.poll(attempt);
    await launcher.cancel(attempt);
    await forgetServer(attempt.job);
    if (state === "running" || state === "waiting") ended++;
  }
  return ended;
}

async function leftServers(
  { kind }: Pick<Launcher, "kind">,
  folder: string,
): Promise<Attempt[]> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  const attempts: Attempt[] = [];
  for (const name of names) {
    const path = join(folder, name, RECORD);
    if (!existsSync(path)) continue;
    const { success, data } = recordSchema.safeParse(
      JSON.parse(await readFile(path, "utf8")),
    );
    if (success && data.launcher === kind)
      attempts.push({
        job: { ...data.job, folder: join(folder, name) },
        number: 1,
      });
  }
  return attempts;
}
