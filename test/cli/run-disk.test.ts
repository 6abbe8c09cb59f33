/**
 * @file A run on a disk that does not take it: a folder without permission, a
 * read-only file system, a disk that is full in the middle. One error, the documented
 * code, and an existing run that goes on as if nothing had happened.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { readReport } from "../../src/reporting/report-file.js";
import { withoutTimings } from "../reporting/without-timings.js";
import { writeTinyRecipe } from "../resume/tiny-run.js";
import { ROOT } from "./program.js";
import { onFullDisk, unprivileged, workFolder } from "./stage-files.js";

/** A mount namespace of our own, where the system allows one. */
const IN_OWN_MOUNTS = ["unshare", "--map-root-user", "--mount"];
const canMount =
  spawnSync(IN_OWN_MOUNTS[0] ?? "", [
    ...IN_OWN_MOUNTS.slice(1),
    ...["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", "/mnt"],
  ]).status === 0;

// Windows has neither these modes nor this limit.
describe.skipIf(process.platform === "win32")("a run", () => {
  test("in a folder that may not be written is refused before it begins", async () => {
    const work = workFolder();
    const recipe = writeTinyRecipe(work.path);
    mkdirSync(work.at("locked"), { mode: 0o555 });
    // The folder of the test itself must be open to the other user.
    chmodSync(work.path, 0o755);
    const before = work.picture();
    const result = await unprivileged(
      ["run", recipe, "--run-dir", work.at("locked/run")],
      work.path,
    );
    expect(result).toEqual({
      code: EXIT_CODES.STORAGE,
      stdout: "",
      stderr: `Cannot write ${work.at("locked/run")} (EACCES). Permission was denied: check the owner and mode of the folder, or choose another one. Nothing that was there before has been changed.\n`,
    });
    expect(work.picture()).toEqual(before);
  });

  test.skipIf(!canMount)(
    "on a read-only file system is refused with that reason",
    () => {
      const work = workFolder();
      const recipe = writeTinyRecipe(work.path);
      mkdirSync(work.at("frozen"));
      const [program = "", ...options] = IN_OWN_MOUNTS;
      const run = `mount -t tmpfs -o ro tmpfs "$0" && exec "$@"`;
      const result = spawnSync(
        program,
        [
          ...options,
          ...["sh", "-c", run, work.at("frozen")],
          ...[process.execPath, `${ROOT}/dist/cli/main.js`, "run", recipe],
          ...["--run-dir", work.at("frozen/run")],
        ],
        { encoding: "utf8" },
      );
      expect(result.stderr).toBe(
        `Cannot write ${work.at("frozen/run")} (EROFS). The file system is read-only: choose another folder with --run-dir or --out. Nothing that was there before has been changed.\n`,
      );
      expect(result.status).toBe(EXIT_CODES.STORAGE);
    },
  );

  test("whose disk is full in the middle stops, and goes on to the same end", async () => {
    const work = workFolder();
    const recipe = writeTinyRecipe(work.path);
    const [whole, full] = [work.at("whole"), work.at("full")];
    expect((await work.run("run", recipe, "--run-dir", whole)).code).toBe(0);
    // The ledger stays below 2 MB here; a checkpoint takes 4.7 MB.
    const stopped = await onFullDisk(["run", recipe, "--run-dir", full], {
      cwd: work.path,
      blocks: 6000,
    });
    expect(stopped.stderr).toMatch(
      /^Cannot write \S+full\/models\/\S+ \(EFBIG\)\. .*Nothing that was there before has been changed\.$/m,
    );
    expect(stopped.code).toBe(EXIT_CODES.STORAGE);
    expect((await work.run("run", recipe, "--run-dir", full)).code).toBe(0);
    const [expected, found] = await Promise.all(
      [whole, full].map((folder) => readReport(`${folder}/report.json`)),
    );
    expect(found && withoutTimings(found)).toEqual(
      expected && withoutTimings(expected),
    );
  });
});
