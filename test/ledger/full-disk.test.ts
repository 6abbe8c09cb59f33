/**
 * @file A disk that fills while answers arrive: it is told at once, and none of them is
 * lost, because each would be bought again.
 */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { temporaryFolder } from "./support.js";

/** Runs a command on a small file system of its own, mounted over the folder named first. */
function onSmallDisk(folder: string, command: readonly string[]) {
  const mounted = `mount -t tmpfs -o size=6m tmpfs "$0" && exec "$@"`;
  const shell = ["sh", "-c", mounted, folder, ...command];
  return spawnSync("unshare", ["--map-root-user", "--mount", ...shell], {
    encoding: "utf8",
  });
}

const canMount = onSmallDisk("/mnt", ["true"]).status === 0;

test.skipIf(!canMount)(
  "the answers under way when the disk fills are kept",
  () => {
    const folder = temporaryFolder();
    const program = new URL("./full-disk-run.ts", import.meta.url).pathname;
    const command = [process.execPath, "--import", "tsx", program, folder];
    const { stdout, stderr } = onSmallDisk(folder, command);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({ told: "STORAGE", lost: 0 });
  },
);
