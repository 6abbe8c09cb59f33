/**
 * @file What tests look at that kill trainings and runs: living processes, steps, exit
 * codes, and whether two folders hold the same bytes.
 */
import { spawnSync, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

/** Of a trainer's process, told apart from torchrun's. */
export const TRAINER = /-u -m autodidact_trainer/;

interface Process {
  readonly pid: number;
  readonly args: string;
}

/** Living processes that name `place` in their command line, or work in that folder. */
export function processesOf(place: string, command = /./): Process[] {
  const { stdout } = spawnSync("ps", ["-ww", "-eo", "pid=,stat=,args="], {
    encoding: "utf8",
  });
  return stdout.split("\n").flatMap((line) => {
    const [, pid = "", state = "", args = ""] =
      /^ *(\d+) +(\S+) +(.*)$/.exec(line) ?? [];
    if (pid === "" || state.startsWith("Z") || !command.test(args)) return [];
    const ours = args.includes(place) || folderOf(pid).startsWith(place);
    return ours ? [{ pid: Number(pid), args }] : [];
  });
}

/** Engines of vLLM rename themselves, so that only their folder is left of their origin. */
function folderOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}

/** The exit code; null where a signal ended it. */
export function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((done) => child.once("close", done));
}

/** Steps that a training into `out` has recorded, repeated ones too. */
export function stepsOf(out: string): number {
  try {
    const text = readFileSync(join(`${out}.training`, "metrics.jsonl"), "utf8");
    return text.split("\n").length - 1;
  } catch {
    return 0;
  }
}

export function expectSameFiles(found: string, expected: string): void {
  const names = readdirSync(expected);
  expect(readdirSync(found)).toEqual(names);
  for (const name of names)
    expect(
      readFileSync(join(found, name)).equals(
        readFileSync(join(expected, name)),
      ),
      join(found, name),
    ).toBe(true);
}
