/**
 * @file What to do about a run that has no report and no data set yet: how far it is,
 * how it goes on, and how to get at what was paid for.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AutodidactError } from "../foundation/error.js";
import { INSTRUCTION_STAGE } from "../instruct/stages.js";
import { readRunStatus } from "../pipelines/run-status/run-status.js";

/**
 * Passes where one of the `outputs` lies in the folder `run`.
 * @throws BAD_INPUT: the run has not come to its end; LEDGER where there is no run
 */
export function requireOutputs(
  run: string,
  outputs: readonly string[],
  what: string,
): void {
  if (outputs.some((output) => existsSync(join(run, output)))) return;
  const stages = readRunStatus(run).flatMap((status) => status.stages);
  const begins = stages.find(({ name }) => name.includes("/") || isData(name));
  const replay =
    begins !== undefined && isData(begins.name)
      ? ` A data set of what it has by now, at no cost: autodidact instruct --replay ${run} --run-dir OTHER`
      : "";
  throw new AutodidactError(
    "BAD_INPUT",
    `${run} has no ${what} yet: the run has not come to its end. The command that made it goes on where it stopped; autodidact status ${run} shows how far it is.${replay}`,
    { path: run },
  );
}

/** The first stage of a run of `instruct`; those of other runs belong to a model. */
function isData(stage: string): boolean {
  return stage === INSTRUCTION_STAGE;
}
