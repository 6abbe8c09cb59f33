/**
 * @file Jobs on this machine: real processes, killed in every way.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  makeAttemptFolder,
  readMark,
} from "../../src/launchers/attempt-folder.js";
import type { FiniteJob } from "../../src/launchers/done-file.js";
import { NODE_WORDS, type Attempt } from "../../src/launchers/job.js";
import { localLauncher } from "../../src/launchers/local.js";
import { nodeScript } from "../../src/launchers/node-script.js";
import { runJob } from "../../src/launchers/run-job.js";
import { ROOT } from "../cli/program.js";
import { ALONE, DONE, linesIn, lives, scriptJob, until } from "./jobs.js";

const { rank, count, masterAddress, masterPort } = NODE_WORDS;

test("a job runs once on every node, with the node's words filled", async () => {
  const job = await scriptJob(
    `echo "$1 $2 $3 $ODD" >"node-$1"; [ "$1" = 1 ] || { sleep 1; ${DONE}; }`,
    { nodes: 2 },
  );
  const logs: string[] = [];
  const { job: ended } = await runJob(
    localLauncher,
    {
      ...job,
      argv: [
        ...job.argv,
        "sh",
        rank,
        `${count}x`,
        `${masterAddress}:${masterPort}`,
      ],
      env: { ODD: `it's "$HOME" ${rank}` },
    },
    { onLog: (text) => logs.push(text) },
  );
  expect(ended).toBe(job.id);
  const [first = "", second = ""] = [
    ...(await linesIn(job, "node-0")),
    ...(await linesIn(job, "node-1")),
  ];
  expect(first).toMatch(
    new RegExp(`^0 2x ${hostname()}:\\d+ it's "\\$HOME" 0$`),
  );
  expect(second).toBe(first.replace(/^0/, "1").replace(/0$/, "1"));
  expect(logs.join("")).toBe("");
});

test("what is submitted twice, by programs that know nothing of each other, runs once", async () => {
  const job = await scriptJob(`${ALONE}; sleep 1; ${DONE}`);
  const programs = [start(job), start(job)];
  await Promise.all(
    programs.map(
      (program) => new Promise((resolve) => program.on("exit", resolve)),
    ),
  );
  await localLauncher.submit({ job, number: 1 });
  await runJob(localLauncher, job);
  expect(await linesIn(job, "pids")).toHaveLength(1);
});

test("a job outlives the program that started it, and the next start finds it", async () => {
  const job = await scriptJob(
    `${ALONE}; echo first line; until [ -e go ]; do sleep 0.1; done; ${DONE}`,
  );
  const program = start(job);
  await until(async () => (await linesIn(job, "pids")).length === 1);
  program.kill("SIGKILL");
  const logs: string[] = [];
  const states: string[] = [];
  const result = runJob(localLauncher, job, {
    onLog: (text) => logs.push(text),
    onState: ({ state }, attempt) => {
      states.push(`${attempt} ${state}`);
      if (state === "running") void writeFile(join(job.folder, "go"), "");
    },
  });
  await result;
  expect(states).toEqual(["1 waiting", "1 running", "1 succeeded"]);
  expect(logs).toEqual(["first line\n"]);
  expect(await linesIn(job, "pids")).toHaveLength(1);
});

test("when the script on the node is killed, its job ends and is tried again", async () => {
  // A worker in a session of its own, as torchrun's, and one that dropped its environment.
  const job = await scriptJob(
    `${ALONE}
    setsid sh -c 'echo $$ >>workers; exec sleep 600' &
    env -i sh -c 'echo $$ >>workers; exec sleep 600' &
    [ "$(wc -l <pids)" = 1 ] || { ${DONE}; exit; }
    sleep 600`,
  );
  const states: string[] = [];
  await runJob(localLauncher, job, {
    onState: ({ state }, number) => {
      if (state !== "waiting") states.push(`${number} ${state}`);
      if (number === 1 && state === "running")
        void until(
          async () => (await linesIn(job, "workers")).length === 2,
        ).then(async () => {
          process.kill(await scriptOf(job, 1), "SIGKILL");
        });
    },
  });
  // The second attempt may begin and end between two looks.
  expect(states.filter((state) => state !== "2 running")).toEqual([
    "1 running",
    "1 lost",
    "2 succeeded",
  ]);
  const pids = [
    ...(await linesIn(job, "pids")),
    ...(await linesIn(job, "workers")),
  ];
  expect(pids).toHaveLength(6);
  for (const pid of pids) expect(await lives(Number(pid))).toBe(false);
  expect(await linesIn(job, "overlaps")).toEqual([]);
});

test("a newer attempt waits until the older one is gone", async () => {
  const job = await scriptJob(`${ALONE}; sleep 2`);
  const [first, second] = [1, 2].map((number) => ({ job, number }));
  await localLauncher.submit(first!);
  await until(async () => (await linesIn(job, "pids")).length === 1);
  await localLauncher.submit(second!);
  expect((await localLauncher.poll(second!)).state).toBe("waiting");
  await until(
    async () => (await localLauncher.poll(second!)).state === "succeeded",
  );
  expect((await localLauncher.poll(first!)).state).toBe("succeeded");
  expect(await linesIn(job, "pids")).toHaveLength(2);
  expect(await linesIn(job, "overlaps")).toEqual([]);
});

test("Ctrl-C lets the job save, then kills what does not end", async () => {
  const job = await scriptJob(
    `trap 'echo saved >saved; trap "" TERM; sleep 600' TERM
    setsid sh -c 'trap "" TERM; echo $$ >>workers; sleep 600' &
    echo $$ >>workers; wait; sleep 600`,
  );
  const stop = new AbortController();
  const result = runJob(localLauncher, job, { signal: stop.signal });
  await until(async () => (await linesIn(job, "workers")).length === 2);
  stop.abort(new Error("by the person"));
  await expect(result).rejects.toThrow("by the person");
  expect(await linesIn(job, "saved")).toEqual(["saved"]);
  for (const pid of await linesIn(job, "workers"))
    expect(await lives(Number(pid))).toBe(false);
  expect((await localLauncher.poll({ job, number: 1 })).state).toBe(
    "cancelled",
  );
});

test("a process that merely has the number of an old one is left alone", async () => {
  const innocent = spawn("sleep", ["600"], { detached: true });
  const job = await scriptJob("true");
  const attempt = { job, number: 1 };
  const folder = await makeAttemptFolder(attempt);
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
  await writeFile(join(folder, "submitted"), "local");
  await writeFile(
    join(folder, "script-0"),
    `${hostname()}:${boot.trim()}:${innocent.pid ?? 0}:1:\n`,
  );
  expect((await localLauncher.poll(attempt)).state).toBe("lost");
  await localLauncher.cancel(attempt);
  expect(await lives(innocent.pid ?? 0)).toBe(true);
  innocent.kill("SIGKILL");
});

test("a lease of another machine holds while it is renewed, and not for ever", async () => {
  const job = await scriptJob(`${ALONE}; ${DONE}`);
  const attempt = { job, number: 1 };
  const folder = await makeAttemptFolder(attempt);
  await writeFile(join(job.folder, "lease-0"), "elsewhere:boot:12:34:\n");
  await writeFile(
    join(folder, "run.sh"),
    nodeScript(attempt, 1, 0).replace(/patience=\d+/, "patience=2"),
  );
  const beats = setInterval(() => {
    void writeFile(join(job.folder, "beat-0"), String(performance.now()));
  }, 300);
  const script = spawn("sh", [join(folder, "run.sh"), "0"], { detached: true });
  const ended = new Promise((resolve) => script.on("exit", resolve));
  await until(async () => ((await readMark(attempt, "log-0")) ?? "") !== "");
  await new Promise((resolve) => setTimeout(resolve, 3500));
  expect(await linesIn(job, "pids")).toEqual([]);
  clearInterval(beats);
  expect(await ended).toBe(0);
  expect(await linesIn(job, "pids")).toHaveLength(1);
  expect(await readMark(attempt, "log-0")).toMatch(
    /^autodidact: waits for elsewhere:boot:12:34: which may be alive\nautodidact: takes over from elsewhere:boot:12:34: which is gone$/,
  );
});

test("a job that lost its lease is ended", async () => {
  const job = await scriptJob(`echo $$ >>pids; sleep 600`);
  const attempt = { job, number: 1 };
  await localLauncher.submit(attempt);
  await until(async () => (await linesIn(job, "pids")).length === 1);
  await writeFile(join(job.folder, "lease-0"), "elsewhere:boot:12:34:\n");
  await until(async () => (await localLauncher.poll(attempt)).state === "lost");
  const [pid] = await linesIn(job, "pids");
  await until(async () => !(await lives(Number(pid))));
});

test("an attempt is ended at its time limit, after a word of warning", async () => {
  const job = await scriptJob(
    `trap 'echo saved >saved; exit 75' TERM; sleep 600 & wait`,
    { timeLimitSeconds: 4, graceSeconds: 2 },
  );
  const attempt = { job, number: 1 };
  await localLauncher.submit(attempt);
  await until(
    async () => (await localLauncher.poll(attempt)).state === "failed",
  );
  expect((await localLauncher.poll(attempt)).exitCode).toBe(75);
  expect(await linesIn(job, "saved")).toEqual(["saved"]);
});

test("a folder that cannot be made, and one of another job, are refused", async () => {
  const job = await scriptJob("true");
  await runJob(localLauncher, await scriptJob(DONE, { folder: job.folder }));
  await expect(localLauncher.submit({ job, number: 1 })).rejects.toMatchObject({
    code: "JOB",
  });
  const file = join(job.folder, "file");
  await writeFile(file, "");
  await mkdir(join(job.folder, "sub"));
  await expect(
    localLauncher.submit({
      job: { ...job, folder: join(file, "x") },
      number: 1,
    }),
  ).rejects.toMatchObject({ code: "STORAGE" });
});

function start(job: FiniteJob): ChildProcess {
  return spawn(
    process.execPath,
    [
      "--import",
      "tsx",
      `${ROOT}/test/launchers/job-program.ts`,
      JSON.stringify(job),
    ],
    { stdio: "ignore" },
  );
}

async function scriptOf(job: FiniteJob, number: number): Promise<number> {
  const token = (await readMark({ job, number }, "script-0")) ?? "";
  return Number(token.split(":")[2]);
}

test("what keeps track of a killed job's resources may remove them, and is killed if it hangs", async () => {
  // As Python's tracker: deaf to SIGTERM, it hears of the end by a pipe that closes.
  const tracker = `trap "" TERM; echo $$ >>trackers; read -r _; echo tidy >>tidied; $1 # multiprocessing.resource_tracker`;
  const job = await scriptJob(
    `echo $$ >main
     sleep 1000 | sh -c '${tracker.replace("$1", ":")}' &
     sleep 1000 | sh -c '${tracker.replace("$1", "while :; do sleep 1; done")}' &
     wait`,
  );
  const attempt: Attempt = { job, number: 1 };
  await localLauncher.submit(attempt);
  await until(async () => (await linesIn(job, "trackers")).length > 1);
  process.kill(Number((await linesIn(job, "main"))[0]), "SIGKILL");
  await until(
    async () => (await localLauncher.poll(attempt)).state === "failed",
  );
  expect(await linesIn(job, "tidied")).toEqual(["tidy", "tidy"]);
  const trackers = await linesIn(job, "trackers");
  expect(await Promise.all(trackers.map(Number).map(lives))).toEqual([
    false,
    false,
  ]);
});

/** Maps shared memory under the name that its first argument says, as Python's would be. */
const MAPS = `const [, name] = process.argv;
const Database = require(${JSON.stringify(`${ROOT}/node_modules/libsql`)});
const database = new Database(name);
database.pragma("journal_mode = WAL");
database.exec("create table if not exists mapped (here)");
setInterval(() => {}, 1000);`;

test.runIf(existsSync("/dev/shm"))(
  "shared memory of killed processes is removed, unless others have it mapped",
  async () => {
    const names = ["all", "each"].map(
      (what) => `/dev/shm/psm_autodidact-${process.pid}-${what}`,
    );
    const left = () => names.map((name) => existsSync(`${name}-shm`));
    const begun = await Promise.all(
      names.map(async (name) => {
        const job = await scriptJob("");
        const attempt: Attempt = {
          job: { ...job, argv: [process.execPath, "-e", MAPS, name] },
          number: 1,
        };
        await localLauncher.submit(attempt);
        await until(async () => existsSync(`${name}-shm`));
        return attempt;
      }),
    );
    const [all, each] = begun as [Attempt, Attempt];
    // Everything dies at once, after it was noted.
    const [host = "", , pid = ""] =
      (await readMark(all, "script-0"))?.split(":") ?? [];
    await until(async () =>
      existsSync(join(all.job.folder, `shared-${host}-${pid}`)),
    );
    spawnSync("pkill", ["-KILL", "--pgroup", pid]);
    await until(async () => !(await lives(Number(pid))));
    expect(left()).toEqual([true, true]);
    // A list that somebody else wrote to names nothing outside.
    const outside = join(all.job.folder, "psm_outside");
    await writeFile(outside, "");
    await appendFile(
      join(all.job.folder, `shared-${host}-${pid}`),
      `${outside}\n/dev/shm/../..${outside}\n--help\n`,
    );
    await localLauncher.cancel(all);
    expect(left()).toEqual([false, true]);
    expect(existsSync(outside)).toBe(true);
    // Another process has it as well.
    const other = spawn(process.execPath, ["-e", MAPS, `${names[1] ?? ""}`], {
      stdio: "ignore",
    });
    await until(async () =>
      (
        await readFile(`/proc/${other.pid ?? 0}/maps`, "utf8").catch(() => "")
      ).includes(`${names[1] ?? ""}-shm`),
    );
    await localLauncher.cancel(each);
    expect(left()).toEqual([false, true]);
    other.kill("SIGKILL");
    for (const name of names)
      for (const part of ["", "-shm", "-wal"])
        await rm(`${name}${part}`, { force: true });
  },
);
