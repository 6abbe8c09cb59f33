/**
 * @file A Ray cluster for tests: one head node of this machine, which wants a token, in a
 * folder of its own.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../src/launchers/meeting-port.js";

export interface RayCluster {
  /** Of the dashboard, which takes jobs. */
  readonly address: string;
  readonly token: string;
  stop(): Promise<void>;
}

/** @param python an interpreter that has `ray[default]` */
export async function startRay(python: string): Promise<RayCluster> {
  // Sockets lie in it, whose paths may have 107 characters.
  const folder = await mkdtemp("/tmp/ray-");
  const [port, dashboard, client] = [
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const token = randomBytes(32).toString("hex");
  const out = join(folder, "head.out");
  const log = openSync(out, "a");
  const head = spawn(
    python,
    [
      ...["-m", "ray.scripts.scripts", "start", "--head", "--block"],
      ...["--node-ip-address=127.0.0.1", `--port=${port}`, "--num-cpus=4"],
      ...["--dashboard-host=127.0.0.1", `--dashboard-port=${dashboard}`],
      ...[`--temp-dir=${join(folder, "t")}`, "--disable-usage-stats"],
      ...[
        "--object-store-memory=100000000",
        `--ray-client-server-port=${client}`,
      ],
      // Its own choice, from 10002 on, meets ports that others have.
      ...["--min-worker-port=0", "--max-worker-port=0"],
    ],
    {
      detached: true,
      stdio: ["ignore", log, log],
      env: {
        ...process.env,
        RAY_AUTH_MODE: "token",
        RAY_AUTH_TOKEN: token,
        RAY_USAGE_STATS_ENABLED: "0",
        RAY_raylet_start_wait_time_s: "240",
      },
    },
  );
  closeSync(log);
  const address = `http://127.0.0.1:${dashboard}`;
  while (!(await answers(address, token))) {
    if (head.exitCode !== null)
      throw new Error(`Ray did not start: ${readFileSync(out, "utf8")}`);
    await sleep(500);
  }
  return {
    address,
    token,
    stop: async () => {
      const ended = new Promise((resolve) => head.once("exit", resolve));
      process.kill(-(head.pid ?? 0), "SIGTERM");
      await ended;
      try {
        process.kill(-(head.pid ?? 0), "SIGKILL");
      } catch {
        // Nobody of its group is left.
      }
    },
  };
}

async function answers(address: string, token: string): Promise<boolean> {
  try {
    const { status } = await fetch(`${address}/api/version`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return status === 200;
  } catch {
    return false;
  }
}
