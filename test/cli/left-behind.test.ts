/**
 * @file Nothing stays outside of what was asked for: no file in the home folder, its
 * cache or the folder for temporary files after something has been computed.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { autodidact, ROOT, runNode } from "./program.js";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "autodidact-left-behind-"));
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

/** Home, cache and temporary files in one empty folder; what a test's own process set is gone. */
function environment(): Record<string, string> {
  return {
    HOME: home,
    XDG_CACHE_HOME: join(home, "cache"),
    TMPDIR: home,
    ORT_DISABLE_TELEMETRY: "",
  };
}

test("a command that computes leaves nothing behind", async () => {
  const { code, stdout } = await autodidact(
    [
      ...["generate", "--model", join(ROOT, "nursery/m0")],
      ...["--prompt", "the opposite of big is", "--max-tokens", "5", "--json"],
    ],
    { env: environment() },
  );
  expect(code).toBe(0);
  expect(stdout).toContain('"tokens": 5');
  expect(readdirSync(home, { recursive: true })).toEqual([]);
});

test("nor does a program that uses the library", async () => {
  const program = `
    const { GraphBuilder, compile, openDevice, float32Tensor } =
      await import(${JSON.stringify(pathToFileURL(join(ROOT, "dist/public/engine.js")).href)});
    const graph = new GraphBuilder();
    const x = graph.input("x", [2]);
    graph.output("sum", graph.add(x, x));
    const executable = await compile(graph, openDevice("cpu"));
    const { sum } = await executable.run({ x: float32Tensor(new Float32Array([1, 2]), [2]) });
    await executable.release();
    console.log([...sum.data].join(" "), process.env.ORT_DISABLE_TELEMETRY);
  `;
  const { code, stdout, stderr } = await runNode(
    ["--input-type=module", "-e", program],
    { env: environment() },
  );
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: "2 4 1\n",
    stderr: "",
  });
  expect(readdirSync(home, { recursive: true })).toEqual([]);
});
