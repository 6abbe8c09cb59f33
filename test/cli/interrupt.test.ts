/**
 * @file Ctrl-C in a real process.
 */
import { expect, test } from "vitest";
import { ROOT, runNode } from "./program.js";

const PROGRAM = ["--import", "tsx", `${ROOT}/test/cli/slow-program.ts`];
const STOPPING =
  "Stopping as soon as everything is in order; press Ctrl-C again to stop at once.\n";

test("the first Ctrl-C stops in order and says how to go on", async () => {
  let sent = false;
  const result = await runNode([...PROGRAM, "wait"], {
    onStderr: (child) => {
      if (sent) return;
      sent = true;
      child.kill("SIGINT");
    },
  });
  expect(result).toEqual({
    code: 130,
    stdout: "in order\n",
    stderr: `working\n${STOPPING}Stopped. Run the same command again to go on.\n`,
  });
});

test("the second Ctrl-C ends a process that does not stop", async () => {
  const result = await runNode([...PROGRAM, "wait", "--stubborn"], {
    onStderr: (child) => child.kill("SIGINT"),
  });
  expect(result).toEqual({
    code: 130,
    stdout: "",
    stderr: `working\n${STOPPING}`,
  });
});
