/**
 * @file `npx tsx bench/engines/main.ts [loop|training …]`: what this program adds to the
 * wall time of vLLM and of TRL; writes docs/results/engines.md.
 *
 * Each part writes its own section; without arguments both are run. `training` needs
 * AUTODIDACT_PYTHON, an interpreter with TRL. All traffic stays on 127.0.0.1.
 */
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeFileAtomic } from "../../src/foundation/storage.js";
import {
  runLoop,
  STAGES,
  writeLoop,
  type LoopRun,
  type StageName,
} from "./loop.js";
import { loopSection, trainingSection, withSection } from "./page.js";
import { runPlain } from "./plain.js";
import { measureTraining } from "./training.js";

const PAGE = fileURLToPath(
  new URL("../../docs/results/engines.md", import.meta.url),
);
const ROUNDS = 3;

const PARTS: Readonly<Record<string, (folder: string) => Promise<string>>> = {
  loop: async (folder) => {
    const recipe = await writeLoop(folder);
    const ours: LoopRun[] = [];
    const plain: Record<StageName, number>[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const run = await runLoop(recipe, join(folder, `run-${round}`));
      ours.push(run);
      plain.push(
        await runPlain(
          join(folder, `plain-${round}`),
          join(folder, "m0"),
          run.server,
        ),
      );
      for (const stage of Object.keys(STAGES) as StageName[])
        console.log(
          `${round} ${stage}: ${run.seconds[stage].toFixed(1)} s, plain ${plain.at(-1)?.[stage].toFixed(1)} s`,
        );
    }
    return loopSection(ours, plain);
  },
  training: async (folder) =>
    trainingSection(await measureTraining(folder, ROUNDS)),
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => PARTS[name] === undefined);
if (unknown !== undefined)
  throw new Error(
    `No part "${unknown}": choose of ${Object.keys(PARTS).join(", ")}.`,
  );
for (const name of wanted.length === 0 ? Object.keys(PARTS) : wanted) {
  const folder = await mkdtemp(join(tmpdir(), "bench-engines-"));
  const section = await PARTS[name]?.(folder);
  const page = await readFile(PAGE, "utf8");
  await writeFileAtomic(PAGE, withSection(page, name, section ?? ""));
}
