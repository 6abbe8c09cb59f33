import { chmod, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { attemptFolder } from "./attempt-folder.js";
import type { Attempt } from "./job.js";
import { slurmLauncher } from "./slurm.js";

const NAME = "dpo-abababababab-1";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Slurm's commands as scripts on PATH, which answer as Slurm 22.05 does. */
async function slurm(commands: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), "autodidact-job-"));
  const quiet = {
    sbatch: "exit 1",
    squeue: "",
    scontrol: "exit 1",
    scancel: "",
  };
  for (const [name, body] of Object.entries({ ...quiet, ...commands })) {
    const path = join(folder, name);
    await writeFile(
      path,
      `#!/bin/sh\ncd ${folder}\necho "${name} $*" >>calls\n${body}\n`,
    );
    await chmod(path, 0o755);
  }
  vi.stubEnv("PATH", `${folder}${delimiter}${process.env["PATH"] ?? ""}`);
  const attempt: Attempt = {
    job: {
      id: "ab".repeat(32),
      name: "dpo",
      argv: ["true"],
      env: {},
      cwd: folder,
      nodes: 2,
      gpusPerNode: 8,
      cpusPerNode: 16,
      folder: join(folder, "job"),
      done: join(folder, "done"),
      timeLimitSeconds: 3601,
      graceSeconds: 120,
    },
    number: 1,
  };
  const launcher = slurmLauncher({
    kind: "slurm",
    partition: "gpu",
    args: ["--constraint=a100"],
  });
  const calls = async () =>
    (await readFile(join(folder, "calls"), "utf8")).trim().split("\n");
  const mark = (name: string, text: string) =>
    writeFile(join(attemptFolder(attempt), name), `${text}\n`);
  return { attempt, launcher, calls, folder, mark };
}

const job = (state: string, more = "Restarts=0 ExitCode=0:0") =>
  `echo "JobId=17 JobName=${NAME} UserId=root(0) JobState=${state} Reason=Resources Dependency=(null) ${more} NodeList=(null)"`;
const FORGOTTEN =
  'echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1';

describe("a job of Slurm", () => {
  it("is submitted once, with what it needs", async () => {
    const { attempt, launcher, calls } = await slurm({
      sbatch: "echo '17;main'",
    });
    await launcher.submit(attempt);
    await launcher.submit(attempt);
    const folder = attemptFolder(attempt);
    expect(await calls()).toEqual([
      `squeue --noheader --states=all --format=%i --name=${NAME}`,
      `sbatch --parsable --job-name=${NAME} --nodes=2 --ntasks-per-node=1 --requeue --open-mode=append --chdir=/ --signal=TERM@120 --gpus-per-node=8 --cpus-per-task=16 --time=61 --partition=gpu --constraint=a100 --output=${folder}/scheduler.log ${folder}/batch.sh`,
    ]);
  });

  it("that was submitted by a program that died is found by its name", async () => {
    const { attempt, launcher, calls } = await slurm({
      squeue: "echo 17",
      scontrol: job("PENDING"),
    });
    await launcher.submit(attempt);
    expect(await launcher.poll(attempt)).toEqual({
      state: "waiting",
      message: "Resources",
      hosts: [],
      restarts: 0,
    });
    expect((await calls()).filter((call) => call.startsWith("sbatch"))).toEqual(
      [],
    );
  });

  it("is refused with Slurm's reason", async () => {
    const { attempt, launcher } = await slurm({
      sbatch:
        'echo "sbatch: error: invalid partition specified: gpu" >&2; exit 1',
    });
    await expect(launcher.submit(attempt)).rejects.toThrow(
      /Slurm refused the job dpo: sbatch: error: invalid partition specified: gpu\. Nothing was started/,
    );
  });

  it("runs when its scripts do, and ended as their marks say once Slurm has forgotten it", async () => {
    const { attempt, launcher, mark, folder } = await slurm({
      sbatch: "echo 17",
      scontrol: `[ ! -e forgotten ] || { ${FORGOTTEN}; }\n${job("RUNNING")}`,
    });
    await launcher.submit(attempt);
    for (const rank of [0, 1]) await mark(`script-${rank}`, `n${rank}:b:1:2:`);
    expect(await launcher.poll(attempt)).toMatchObject({ state: "waiting" });
    for (const rank of [0, 1]) await mark(`running-${rank}`, `n${rank}:b:1:2:`);
    expect(await launcher.poll(attempt)).toMatchObject({
      state: "running",
      hosts: ["n0", "n1"],
    });
    await writeFile(join(folder, "forgotten"), "");
    expect(await launcher.poll(attempt)).toMatchObject({ state: "lost" });
    await mark("exit-0", "0");
    await mark("exit-1", "137");
    expect(await launcher.poll(attempt)).toMatchObject({
      state: "failed",
      exitCode: 137,
      message:
        "ended with signal SIGKILL, perhaps for want of memory on node 1",
    });
  });

  it.each([
    ["TIMEOUT", "lost"],
    ["NODE_FAIL", "lost"],
    ["PREEMPTED", "lost"],
    ["CANCELLED", "cancelled"],
  ])("with the state %s and no exit code is %s", async (told, state) => {
    const { attempt, launcher } = await slurm({
      sbatch: "echo 17",
      scontrol: job(told),
    });
    await launcher.submit(attempt);
    expect((await launcher.poll(attempt)).state).toBe(state);
  });

  it("that Slurm requeues for ever is given up", async () => {
    const { attempt, launcher } = await slurm({
      sbatch: "echo 17",
      scontrol: job("PENDING", "Restarts=6 ExitCode=0:0"),
    });
    await launcher.submit(attempt);
    expect(await launcher.poll(attempt)).toMatchObject({
      state: "lost",
      message: "Slurm has requeued it 6 times",
    });
  });

  it("is not mistaken for another job with its number", async () => {
    const { attempt, launcher } = await slurm({
      sbatch: "echo 17",
      scontrol: job("RUNNING").replace(NAME, "other"),
    });
    await launcher.submit(attempt);
    expect((await launcher.poll(attempt)).state).toBe("lost");
  });

  it("is cancelled and waited for", async () => {
    const { attempt, launcher, calls } = await slurm({
      sbatch: "echo 17",
      scancel: "touch asked",
      scontrol: `[ -e asked ] && [ -e ended ] && { ${job("CANCELLED")}; exit; }; [ ! -e asked ] || touch ended; ${job("COMPLETING")}`,
    });
    await launcher.submit(attempt);
    await launcher.cancel(attempt);
    expect(await calls()).toContain("scancel 17");
    expect((await launcher.poll(attempt)).state).toBe("cancelled");
  });
});

describe("a controller", () => {
  it("that does not answer may answer later", async () => {
    const { attempt, launcher } = await slurm({
      sbatch: "echo 17",
      scontrol:
        'echo "slurm_load_jobs error: Unable to contact slurm controller (connect failure)" >&2; exit 1',
    });
    await launcher.submit(attempt);
    await expect(launcher.poll(attempt)).rejects.toMatchObject({
      code: "JOB",
      details: { again: true },
    });
  });

  it("whose commands are not there is said to be missing", async () => {
    const { attempt, launcher } = await slurm({});
    vi.stubEnv("PATH", attempt.job.cwd + "/nothing");
    await expect(launcher.submit(attempt)).rejects.toThrow(
      /There is no squeue on this machine: start Autodidact where jobs are submitted/,
    );
  });
});
