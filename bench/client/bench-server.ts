/**
 * @file Starts the benchmarks' server as a child process and stops it.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface ServerBehaviour {
  readonly latencyMs: number;
  /** Requests worked on at once; 0 for any number. */
  readonly capacity: number;
  readonly beyond: "queue" | "refuse";
}

export const INSTANT: ServerBehaviour = {
  latencyMs: 0,
  capacity: 0,
  beyond: "queue",
};

/** Runs `use` with the server's base address (ends in /v1). */
export async function withServer<T>(
  behaviour: ServerBehaviour,
  use: (baseUrl: string) => Promise<T>,
): Promise<T> {
  const { latencyMs, capacity, beyond } = behaviour;
  const path = fileURLToPath(new URL("instant-server.ts", import.meta.url));
  const child = fork(path, [String(latencyMs), String(capacity), beyond]);
  try {
    const [port] = (await once(child, "message")) as [number];
    return await use(`http://127.0.0.1:${port}/v1`);
  } finally {
    child.kill();
  }
}
