import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { manualClock } from "../foundation/clock.js";
import { AutodidactError } from "../foundation/error.js";
import { makeAttemptFolder } from "./attempt-folder.js";
import type { FiniteJob } from "./done-file.js";
import type { Attempt } from "./job.js";
import type { JobReport, JobState, Launcher } from "./launcher.js";
import { runJob } from "./run-job.js";
import type { RunJobOptions } from "./run-options.js";

const ID = "ab".repeat(32);

/** What happens at a poll: a state, or a scheduler that does not answer. */
type Step = JobState | "silence" | (() => Promise<JobState>);

/** A launcher that goes through the steps of each attempt; the last one stays. */
async function scripted(
  attempts: readonly (readonly Step[])[],
  options: RunJobOptions = {},
) {
  const folder = await mkdtemp(join(tmpdir(), "autodidact-job-"));
  const job: FiniteJob = {
    id: ID,
    name: "training",
    argv: ["true"],
    env: {},
    cwd: folder,
    nodes: 1,
    gpusPerNode: 0,
    folder,
    done: join(folder, "done.json"),
    graceSeconds: 1,
  };
  const clock = manualClock();
  const calls: string[] = [];
  const polls = attempts.map(() => 0);
  const launcher: Launcher = {
    kind: "slurm",
    pollSeconds: 0,
    submit: async (attempt) => {
      await makeAttemptFolder(attempt);
      calls.push(`submit ${attempt.number}`);
    },
    poll: async ({ number }: Attempt): Promise<JobReport> => {
      clock.advance(60_000);
      const steps = attempts[number - 1] ?? [];
      const count = (polls[number - 1] ?? 0) + 1;
      polls[number - 1] = count;
      const step = steps[Math.min(count, steps.length) - 1] ?? "unknown";
      if (step === "silence")
        throw new AutodidactError("JOB", "no answer", { again: true });
      const state = typeof step === "string" ? step : await step();
      return { state, message: "", hosts: [] };
    },
    logs: async (_attempt, offset) => ({ text: "", offset }),
    cancel: async ({ number }) => {
      calls.push(`cancel ${number}`);
    },
  };
  const finish = async (id = ID): Promise<JobState> => {
    await writeFile(job.done, JSON.stringify({ job: id, steps: 7 }));
    return "succeeded";
  };
  const run = () => runJob(launcher, job, { clock, ...options });
  return { calls, finish, run };
}

describe("a job", () => {
  it("has succeeded when its done file names it, and is not run again", async () => {
    const steps: Step[] = ["waiting", "running"];
    const { calls, finish, run } = await scripted([steps]);
    steps.push(() => finish());
    expect(await run()).toEqual({ job: ID, steps: 7 });
    expect(await run()).toEqual({ job: ID, steps: 7 });
    expect(calls).toEqual(["submit 1"]);
  });

  it("has failed when the launcher says success and there is no done file", async () => {
    const { run } = await scripted([["succeeded"]], {
      bounds: { attempts: 1 },
    });
    await expect(run()).rejects.toThrow(
      /got nowhere in 1 attempt; the last one ended without its done file .*done\.json/,
    );
  });

  it("refuses the done file of another job", async () => {
    const { finish, run, calls } = await scripted([["running"]]);
    await finish("cd".repeat(32));
    await expect(run()).rejects.toThrow(
      /belongs to another job \(cdcdcdcdcdcd/,
    );
    expect(calls).toEqual([]);
  });

  it("is tried again after a loss, within a bound", async () => {
    const lost: Step[] = ["running", "lost"];
    const { calls, run } = await scripted([lost, lost, lost, lost]);
    await expect(run()).rejects.toThrow(
      /training got nowhere in 3 attempts in a row; the last one is lost\. It wrote no log\./,
    );
    expect(calls.filter((call) => call.startsWith("submit"))).toEqual([
      "submit 1",
      "submit 2",
      "submit 3",
    ]);
  });

  it("may be lost more often while it gets on", async () => {
    const lost: Step[] = ["lost"];
    const steps: Step[] = [];
    let reached = 0;
    const { calls, finish, run } = await scripted(
      [lost, lost, lost, lost, lost, steps],
      { progress: async () => reached++ },
    );
    steps.push(() => finish());
    await run();
    expect(calls).toContain("submit 6");
  });

  it("fails at once with its own words, where it has some", async () => {
    const { calls, run } = await scripted([["running", "failed"]], {
      failure: async (number) =>
        new AutodidactError("DEVICE", `no GPU in attempt ${number}`),
    });
    await expect(run()).rejects.toThrow("no GPU in attempt 1");
    expect(calls).toEqual(["submit 1", "cancel 1"]);
  });

  it("is not begun again by itself when somebody has cancelled it; the next start does", async () => {
    const steps: Step[] = [];
    const { calls, finish, run } = await scripted([["cancelled"], steps]);
    steps.push(() => finish());
    await expect(run()).rejects.toThrow(/was cancelled, not by this program/);
    await run();
    expect(calls).toEqual(["submit 1", "cancel 1", "submit 2"]);
  });

  it("that hangs is ended and tried again", async () => {
    const steps: Step[] = [];
    const states: string[] = [];
    const { calls, finish, run } = await scripted([["running"], steps], {
      bounds: { silentSeconds: 600 },
      onState: ({ state }, attempt) => states.push(`${attempt} ${state}`),
    });
    steps.push(() => finish());
    await run();
    expect(calls).toEqual(["submit 1", "cancel 1", "cancel 1", "submit 2"]);
    expect(states).toEqual([
      "1 waiting",
      "1 running",
      "2 waiting",
      "2 succeeded",
    ]);
  });

  it("does not hang while its progress grows", async () => {
    const steps: Step[] = [];
    let reached = 0;
    const { calls, finish, run } = await scripted([steps], {
      bounds: { silentSeconds: 600 },
      progress: async () => reached++,
    });
    steps.push(...Array<Step>(30).fill("running"), () => finish());
    await run();
    expect(calls).toEqual(["submit 1"]);
  });

  it("is withdrawn from a queue that never starts it", async () => {
    const { calls, run } = await scripted([["waiting"]], {
      bounds: { queueSeconds: 3600 },
    });
    await expect(run()).rejects.toThrow(/training has waited 60 min to start/);
    expect(calls).toEqual(["submit 1", "cancel 1"]);
  });

  it("goes on while its scheduler does not answer, for a while", async () => {
    const steps: Step[] = [...Array<Step>(20).fill("silence")];
    const { calls, finish, run } = await scripted([steps]);
    steps.push("running", () => finish());
    await run();
    expect(calls).toEqual(["submit 1"]);
    const dead = await scripted([["silence"]]);
    await expect(dead.run()).rejects.toThrow("no answer");
  });

  it("is cancelled when the person stops", async () => {
    const stop = new AbortController();
    const steps: Step[] = [
      async () => {
        stop.abort(new Error("Ctrl-C"));
        return "running";
      },
      "cancelled",
    ];
    const { calls, run } = await scripted([steps], {
      signal: stop.signal,
    });
    await expect(run()).rejects.toThrow("Ctrl-C");
    expect(calls).toEqual(["submit 1", "cancel 1"]);
  });
});
