/**
 * @file Clocks, the machine and the commit, for results that say where they came
 * from.
 */
import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";

export interface Elapsed {
  /** Processor time of this process, all its threads. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

export function stopwatch(): () => Elapsed {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return {
      cpuSeconds: (user + system) / 1e6,
      wallSeconds: (performance.now() - wall) / 1e3,
    };
  };
}

export function machine(): string {
  const { length } = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus()[0]?.model ?? "unknown processor"}, ${length} cores, ${memory} GiB, Node ${process.version}`;
}

/** Commit of the working tree, with "-dirty" if tracked sources differ from it. */
export function commit(): string {
  const git = (...words: string[]): string =>
    execFileSync("git", words, { encoding: "utf8" }).trim();
  const sources = ["src/novelty", "src/text", "bench/novelty"];
  const dirty = git("status", "--porcelain", "--", ...sources) !== "";
  return git("rev-parse", "--short", "HEAD") + (dirty ? "-dirty" : "");
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

/** Slope of log y over log x, by least squares. */
export function growthExponent(
  points: readonly { readonly x: number; readonly y: number }[],
): number {
  const logs = points.map(({ x, y }) => [Math.log(x), Math.log(y)] as const);
  const meanX = logs.reduce((sum, [x]) => sum + x, 0) / logs.length;
  const meanY = logs.reduce((sum, [, y]) => sum + y, 0) / logs.length;
  let above = 0;
  let below = 0;
  for (const [x, y] of logs) {
    above += (x - meanX) * (y - meanY);
    below += (x - meanX) ** 2;
  }
  return above / below;
}
