/**
 * @file Where our time goes: operators by their share of the time of a training run or
 * of generation, as ONNX Runtime's profiler tells it, and what is outside of it.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Profile {
  readonly task: string;
  readonly size: string;
  readonly setting: string;
  /** Seconds of the whole, from the first run to the last. */
  readonly seconds: number;
  /** Operators, largest first, with their seconds. */
  readonly operators: readonly (readonly [name: string, seconds: number])[];
}

interface ProfilerEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/** Runs `work` with a place for profiles and reads them. */
export async function profiled(
  work: (prefix: string) => Promise<number>,
): Promise<Pick<Profile, "seconds" | "operators">> {
  const folder = await mkdtemp(join(tmpdir(), "bench-profile-"));
  const seconds = await work(join(folder, "profile"));
  const sums = new Map<string, number>();
  for (const file of await readdir(folder)) {
    const events = JSON.parse(
      await readFile(join(folder, file), "utf8"),
    ) as readonly ProfilerEvent[];
    for (const { cat, name, dur, args } of events) {
      if (cat !== "Node" || !name.endsWith("_kernel_time")) continue;
      const operator = args?.op_name ?? "";
      sums.set(operator, (sums.get(operator) ?? 0) + dur / 1e6);
    }
  }
  await rm(folder, { recursive: true });
  return {
    seconds,
    operators: [...sums].sort(([, a], [, b]) => b - a),
  };
}

/** Lines of a table: the largest operators, the others, and everything outside. */
export function profileLines({ seconds, operators }: Profile): string[] {
  const shown = operators.slice(0, 8);
  const inside = operators.reduce((sum, [, taken]) => sum + taken, 0);
  const rest = inside - shown.reduce((sum, [, taken]) => sum + taken, 0);
  const line = (name: string, taken: number): string =>
    `| ${name} | ${((100 * taken) / seconds).toFixed(0)} % |`;
  return [
    "| operator | share of the time |",
    "| --- | --- |",
    ...shown.map(([name, taken]) => line(name, taken)),
    line("other operators", rest),
    line("outside the graph (JavaScript, binding)", seconds - inside),
  ];
}
