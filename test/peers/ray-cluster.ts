/**
 * @file A Ray cluster of one node for tests, in a network of its own.
 *
 * Ray binds every interface whatever it is told, so it runs in a network namespace that
 * has nothing but a loopback, and its dashboard is reached from here through a socket
 * file.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, open } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface RayCluster {
  readonly address: string;
  readonly token: string;
  stop(): Promise<void>;
}

/** Inside the namespace: the socket file leads to the dashboard. */
const RELAY = `const net = require("node:net");
net.createServer((socket) => {
  const inner = net.connect(8265, "127.0.0.1");
  for (const end of [socket, inner]) end.on("error", () => {}).on("close", () => { socket.destroy(); inner.destroy(); });
  socket.pipe(inner).pipe(socket);
}).listen(process.argv[1]);`;

/** @param python an interpreter with `ray[default]`; it fails, and does not skip, without */
export async function startRay(python: string): Promise<RayCluster> {
  const ray = join(dirname(python), "ray");
  if (!existsSync(ray))
    throw new Error(
      `The tests of Ray need ${ray}: ${python} -m pip install -r .ci/requirements.txt.`,
    );
  const folder = await mkdtemp(join(tmpdir(), "ad-ray-"));
  const token = "a1".repeat(32);
  const log = await open(join(folder, "out"), "a");
  const head = spawn(
    "unshare",
    [
      "--net",
      "--pid",
      "--fork",
      "--kill-child=SIGKILL",
      "--mount-proc",
      ...(process.getuid?.() === 0 ? [] : ["--map-root-user"]),
      "sh",
      "-c",
      `ip link set lo up 2>/dev/null || ifconfig lo up
      "$NODE" -e '${RELAY}' "$SOCKET" &
      exec "$RAY" start --head --block --node-ip-address=127.0.0.1 --dashboard-host=127.0.0.1 \
        --num-cpus=2 --object-store-memory=100000000 --temp-dir="$FOLDER/r" --disable-usage-stats`,
    ],
    {
      stdio: ["ignore", log.fd, log.fd],
      env: {
        ...process.env,
        NODE: process.execPath,
        RAY: ray,
        FOLDER: folder,
        SOCKET: join(folder, "socket"),
        RAY_AUTH_MODE: "token",
        RAY_AUTH_TOKEN: token,
        RAY_USAGE_STATS_ENABLED: "0",
        RAY_raylet_start_wait_time_s: "240",
      },
    },
  );
  await log.close();
  const outer = createServer((socket) => {
    const inner = connect(join(folder, "socket"));
    for (const end of [socket, inner])
      end
        .on("error", () => undefined)
        .on("close", () => {
          socket.destroy();
          inner.destroy();
        });
    socket.pipe(inner).pipe(socket);
  });
  await new Promise<void>((resolve) => outer.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(outer.address() as AddressInfo).port}`;
  const stop = async (): Promise<void> => {
    outer.close();
    if (head.exitCode !== null) return;
    const ended = new Promise((resolve) => head.on("exit", resolve));
    head.kill("SIGKILL");
    await ended;
  };
  while (!(await answers(address, token))) {
    if (head.exitCode !== null)
      throw new Error(`Ray did not start; see ${folder}/out.`);
    await sleep(1000);
  }
  return { address, token, stop };
}

async function answers(address: string, token: string): Promise<boolean> {
  try {
    const { status } = await fetch(`${address}/api/jobs/`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(5000),
    });
    return status === 200;
  } catch {
    return false;
  }
}
