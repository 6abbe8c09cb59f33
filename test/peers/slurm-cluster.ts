/**
 * @file A Slurm cluster for tests: two nodes on this machine, on the loopback address,
 * without root's services, in a folder of its own.
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import {
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  writeFile,
} from "node:fs/promises";
import { cpus, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "../../src/launchers/meeting-port.js";

const run = promisify(execFile);

export interface SlurmCluster {
  /** What Slurm's commands need in their environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Kills the daemon of a node (1 or 2) by SIGKILL; its steps go on. */
  killNode(number: number): Promise<void>;
  /** Kills everything that runs on a node, as when its power fails. */
  loseNode(number: number): Promise<void>;
  startNode(number: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startSlurm(): Promise<SlurmCluster> {
  await requireSlurm();
  const folder = await mkdtemp(join(tmpdir(), "autodidact-slurm-"));
  const [controller, first, second] = [
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const config = join(folder, "slurm.conf");
  for (const name of ["state", "spool-n1", "spool-n2", "munge"])
    await mkdir(join(folder, name), { mode: 0o755 });
  await writeFile(join(folder, "munge.key"), "k".repeat(64), { mode: 0o400 });
  await writeFile(config, configuration(folder, controller, [first, second]));
  const socket = join(folder, "munge", "socket");
  const daemons = new Map<string, ChildProcess>();
  const start = async (
    name: string,
    command: string,
    args: readonly string[],
  ): Promise<void> => {
    const log = await open(join(folder, `${name}.out`), "a");
    daemons.set(
      name,
      spawn(command, args, {
        stdio: ["ignore", log.fd, log.fd],
        env: { ...process.env, SLURM_CONF: config },
      }),
    );
    await log.close();
  };
  const startNode = (number: number): Promise<void> =>
    start(`n${number}`, "slurmd", ["-D", "-f", config, "-N", `n${number}`]);
  await start("munged", "munged", [
    "--foreground",
    "--force",
    `--socket=${socket}`,
    `--key-file=${join(folder, "munge.key")}`,
    `--pid-file=${join(folder, "munge", "pid")}`,
    `--seed-file=${join(folder, "munge", "seed")}`,
    `--log-file=${join(folder, "munge", "log")}`,
  ]);
  await sleep(1000);
  await start("slurmctld", "slurmctld", ["-D", "-c", "-f", config]);
  await startNode(1);
  await startNode(2);
  const env = { SLURM_CONF: config };
  for (;;) {
    const { stdout } = await run("sinfo", ["--noheader", "--format=%t %D"], {
      env: { ...process.env, ...env },
    }).catch(() => ({ stdout: "" }));
    if (stdout.trim() === "idle 2") break;
    await sleep(500);
  }
  const kill = async (name: string, signal: NodeJS.Signals): Promise<void> => {
    const daemon = daemons.get(name);
    if (daemon === undefined) return;
    if (daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = new Promise((resolve) => daemon.on("exit", resolve));
    daemon.kill(signal);
    await ended;
  };
  return {
    env,
    startNode,
    killNode: (number) => kill(`n${number}`, "SIGKILL"),
    loseNode: async (number) => {
      for (const pid of await runningOn(`n${number}`, config)) end(pid);
      await kill(`n${number}`, "SIGKILL");
    },
    stop: async () => {
      await run("scancel", ["--user=root"], {
        env: { ...process.env, ...env },
      }).catch(() => undefined);
      // The steps of jobs end before their daemons.
      await sleep(7000);
      for (const name of ["n1", "n2", "slurmctld", "munged"])
        await kill(name, "SIGKILL");
    },
  };
}

/** The processes of a node's steps, and Slurm's daemons that look after them. */
async function runningOn(node: string, config: string): Promise<number[]> {
  const found = new Set<number>();
  for (const pid of (await readdir("/proc")).map(Number).filter(Boolean)) {
    const read = (of: number, name: string): Promise<string> =>
      readFile(`/proc/${of}/${name}`, "utf8").catch(() => "");
    const variables = (await read(pid, "environ")).split("\0");
    const ours = [`SLURMD_NODENAME=${node}`, `SLURM_CONF=${config}`];
    if (!ours.every((each) => variables.includes(each))) continue;
    found.add(pid);
    const parent = Number(/\) \S (\d+)/.exec(await read(pid, "stat"))?.[1]);
    if ((await read(parent, "comm")).startsWith("slurmstepd"))
      found.add(parent);
  }
  return [...found];
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** @throws what to install, when Slurm is not there: peers fail, and do not skip */
async function requireSlurm(): Promise<void> {
  for (const command of ["slurmctld", "slurmd", "munged", "sbatch"])
    await run("sh", ["-c", `command -v ${command}`]).catch(() => {
      throw new Error(
        `The tests of Slurm need ${command}: apt-get install slurm-wlm munge.`,
      );
    });
}

function configuration(
  folder: string,
  controller: number,
  nodes: readonly number[],
): string {
  return [
    "ClusterName=test",
    `SlurmctldHost=${hostname()}(127.0.0.1)`,
    `SlurmctldPort=${controller}`,
    "AuthType=auth/munge",
    `AuthInfo=socket=${folder}/munge/socket`,
    "CredType=cred/munge",
    "SlurmUser=root",
    "SlurmdUser=root",
    "CommunicationParameters=NoInAddrAny,NoCtldInAddrAny",
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/spool-%n`,
    `SlurmctldPidFile=${folder}/slurmctld.pid`,
    `SlurmdPidFile=${folder}/slurmd-%n.pid`,
    `SlurmctldLogFile=${folder}/slurmctld.log`,
    `SlurmdLogFile=${folder}/slurmd-%n.log`,
    "ProctrackType=proctrack/linuxproc",
    "TaskPlugin=task/none",
    "JobAcctGatherType=jobacct_gather/none",
    "AccountingStorageType=accounting_storage/none",
    "MpiDefault=none",
    "SwitchType=switch/none",
    "SelectType=select/cons_tres",
    "SelectTypeParameters=CR_Core",
    "ReturnToService=2",
    "SlurmctldTimeout=30",
    "SlurmdTimeout=10",
    "InactiveLimit=0",
    "KillWait=5",
    "MinJobAge=300",
    ...nodes.map(
      (port, index) =>
        `NodeName=n${index + 1} NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${port} CPUs=${cpus().length} RealMemory=1000`,
    ),
    "PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP OverSubscribe=YES:8",
    "",
  ].join("\n");
}
