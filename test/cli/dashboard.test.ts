/**
 * @file `autodidact dashboard` as a process: one line with its address, and a clean end.
 */
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../ledger/support.js";
import { writeRun } from "../dashboard/written-run.js";
import { autodidact } from "./program.js";

test("it says where the page is, with its token, and stops in order", async () => {
  const folder = temporaryFolder();
  writeRun(join(folder, "a"));
  const uses: Promise<unknown>[] = [];
  const { code, stdout, stderr } = await autodidact(
    ["dashboard", folder, "--port", "0"],
    {
      onStdout: (child, text) => {
        const url = /http:\S+/.exec(text)?.[0];
        if (url === undefined || uses.length > 0) return;
        const { origin, searchParams } = new URL(url);
        uses.push(
          fetch(`${origin}/api/runs`, {
            headers: { authorization: `Bearer ${searchParams.get("token")}` },
          })
            .then((answer) => answer.json())
            .finally(() => child.kill("SIGTERM")),
        );
      },
    },
  );
  expect(await Promise.all(uses)).toMatchObject([[{ id: "a" }]]);
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}\n$/);
  expect({ code, stderr }).toMatchObject({
    code: 130,
    stderr: expect.stringMatching(/Stopped\. Run the same command/) as string,
  });
});
