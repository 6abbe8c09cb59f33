/**
 * @file What the tests of the single stages share: a folder that vanishes, rows in
 * files, the real binary, and a picture of a folder to compare afterwards.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
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
import { dirname, join, relative } from "node:path";
import { onTestFinished } from "vitest";
import { autodidact, ROOT, type ProgramResult } from "./program.js";

export const TINY = join(ROOT, "test/fixtures/checkpoints/llama");
export const M0 = join(ROOT, "nursery/m0");

export interface WorkFolder {
  readonly path: string;
  /** Absolute path of a name inside. */
  at(name: string): string;
  /** Writes rows as JSON Lines, or text as it stands; gives the absolute path. */
  write(name: string, content: readonly unknown[] | string | Buffer): string;
  rows<T = Record<string, unknown>>(name: string): T[];
  /** A copy of a checkpoint to damage. */
  copyModel(from: string, name?: string): string;
  /** Runs the binary here. */
  run(...args: readonly string[]): Promise<ProgramResult>;
  /** Every file by its path, with a hash of what it holds; locks say nothing and are left out. */
  picture(): Record<string, string>;
}

/**
 * A folder of the current test's own.
 * @param atEnd the hook of the test's context, which concurrent tests must give
 */
export function workFolder(
  atEnd: (remove: () => void) => void = onTestFinished,
): WorkFolder {
  const path = mkdtempSync(join(tmpdir(), "autodidact-cli-"));
  atEnd(() => {
    rmSync(path, { recursive: true, force: true });
  });
  const at = (name: string): string => join(path, name);
  return {
    path,
    at,
    write: (name, content) => {
      mkdirSync(dirname(at(name)), { recursive: true });
      writeFileSync(
        at(name),
        Array.isArray(content)
          ? content.map((row) => `${JSON.stringify(row)}\n`).join("")
          : (content as string | Buffer),
      );
      return at(name);
    },
    rows: <T>(name: string): T[] =>
      readFileSync(at(name), "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as T),
    copyModel: (from, name = "model") => {
      cpSync(from, at(name), { recursive: true });
      return at(name);
    },
    run: (...args) => autodidact(args, { cwd: path }),
    picture: () =>
      Object.fromEntries(
        readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && !entry.name.endsWith(".lock"))
          .map(({ parentPath, name }) => join(parentPath, name))
          .sort()
          .map((file) => [
            relative(path, file),
            createHash("sha256").update(readFileSync(file)).digest("hex"),
          ]),
      ),
  };
}

/** The user `nobody` on every common system. */
const NOBODY = 65_534;

/** Runs the binary without the rights of root, which file modes do not bind. */
export function unprivileged(
  args: readonly string[],
  cwd: string,
): Promise<ProgramResult> {
  const root = process.getuid?.() === 0;
  return spawned(process.execPath, [`${ROOT}/dist/cli/main.js`, ...args], {
    cwd,
    ...(root ? { uid: NOBODY, gid: NOBODY } : {}),
  });
}

/** Runs the binary with room for files of `blocks` × 512 bytes, as on a full disk. */
export function onFullDisk(
  args: readonly string[],
  options: { readonly cwd: string; readonly blocks: number },
): Promise<ProgramResult> {
  // Unless it is ignored, the limit's signal ends the process before it can speak.
  const shell = `trap '' XFSZ; ulimit -f ${options.blocks}; exec "$@"`;
  const program = [process.execPath, `${ROOT}/dist/cli/main.js`, ...args];
  return spawned("sh", ["-c", shell, "sh", ...program], { cwd: options.cwd });
}

function spawned(
  file: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly uid?: number;
    readonly gid?: number;
  },
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...options,
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (piece: Buffer) => (stdout += piece.toString()));
    child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}
