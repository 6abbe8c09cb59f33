/**
 * @file What a process works with, for the record: versions, machine, commit.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunEnvironment } from "../../ledger/run-record.js";

/** Folder of the package, where recipes and the nursery lie. */
export const PACKAGE_FOLDER = join(
  dirname(fileURLToPath(import.meta.url)),
  "..",
  "..",
  "..",
);

export function describeEnvironment(): RunEnvironment {
  const [processor] = cpus();
  return {
    packageVersion: versionIn(join(PACKAGE_FOLDER, "package.json")),
    nodeVersion: process.version,
    onnxruntimeVersion: installedVersion("onnxruntime-node"),
    machine: `${processor?.model.trim() ?? "unknown processor"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}`,
    gitCommit: gitCommit(),
  };
}

/** Versions as a report names them. */
export function versionsOf(environment: RunEnvironment) {
  return {
    autodidact: environment.packageVersion,
    node: environment.nodeVersion,
    onnxruntime: environment.onnxruntimeVersion,
  };
}

function installedVersion(name: string): string {
  const entry = createRequire(import.meta.url).resolve(name);
  const folder = entry.slice(0, entry.lastIndexOf(join("node_modules", name)));
  return versionIn(join(folder, "node_modules", name, "package.json"));
}

function versionIn(path: string): string {
  const { version } = JSON.parse(readFileSync(path, "utf8")) as {
    readonly version: string;
  };
  return version;
}

/** Null outside a checkout of Autodidact, also in a dependant's repository. */
function gitCommit(): string | null {
  const git = (...words: string[]): string =>
    execFileSync(
      "git",
      ["--no-optional-locks", "-C", PACKAGE_FOLDER, ...words],
      { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    ).trim();
  try {
    if (git("rev-parse", "--show-prefix") !== "") return null;
    const commit = git("rev-parse", "--short=12", "HEAD");
    return git("status", "--porcelain", "--untracked-files=no") === ""
      ? commit
      : `${commit}-dirty`;
  } catch {
    return null;
  }
}
