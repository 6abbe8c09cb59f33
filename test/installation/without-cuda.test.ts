/**
 * @file The script that runs before ONNX Runtime's own where another project installs
 * the package: nothing is fetched that nobody asked for, and nothing is harmed.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const platform = `${process.platform}/${process.arch}`;
let project: string;
let libraries: string;
let script: string;

/** A project with the package and a runtime whose script would fetch two files, one there. */
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "installation-"));
  const runtime = join(project, "node_modules/onnxruntime-node");
  libraries = join(runtime, "bin/napi-v6", platform);
  script = join(project, "node_modules/autodidact/scripts/without-cuda.mjs");
  mkdirSync(libraries, { recursive: true });
  mkdirSync(join(runtime, "script"));
  writeFileSync(join(libraries, "there.so"), "kept");
  writeFileSync(
    join(runtime, "script/install-metadata.js"),
    `module.exports = ${JSON.stringify({
      requirements: { [platform]: ["cuda12"] },
      manifests: {
        [`${platform}:cuda12`]: { "./missing.so": {}, "./there.so": {} },
      },
    })};`,
  );
  cpSync("scripts/without-cuda.mjs", script);
});
afterEach(() => {
  rmSync(project, { recursive: true });
});

function runScript(environment: NodeJS.ProcessEnv): void {
  const { status, stdout, stderr } = spawnSync("node", [script], {
    env: { PATH: process.env["PATH"], ...environment },
    encoding: "utf8",
  });
  expect({ status, stdout, stderr }).toEqual({
    status: 0,
    stdout: "",
    stderr: "",
  });
}

test("leaves an empty file for each missing library, and the others as they are", () => {
  runScript({});
  expect(readFileSync(join(libraries, "missing.so"), "utf8")).toBe("");
  expect(readFileSync(join(libraries, "there.so"), "utf8")).toBe("kept");
});

test.each([
  { ONNXRUNTIME_NODE_INSTALL: "cuda12" },
  { npm_config_onnxruntime_node_install: "skip" },
])("leaves the choice to whoever made it: %j", (environment) => {
  runScript(environment);
  expect(readdirSync(libraries)).toEqual(["there.so"]);
});

test("says and does nothing where the runtime is not installed or is laid out otherwise", () => {
  rmSync(libraries, { recursive: true });
  runScript({});
  rmSync(join(project, "node_modules/onnxruntime-node"), { recursive: true });
  runScript({});
  expect(readdirSync(join(project, "node_modules"))).toEqual(["autodidact"]);
});
