/**
 * @file Every command of the program, in the order of `--help` and `docs/cli.md`.
 *
 * A new command is one file in this folder and one line here.
 */
import type { CommandDefinition } from "../command.js";
import { compareCommand } from "./compare.js";
import { constraintsCommand } from "./constraints.js";
import { dashboardCommand } from "./dashboard.js";
import { doctorCommand } from "./doctor.js";
import { eftCommand } from "./eft.js";
import { evaluateCommand } from "./evaluate.js";
import { exportCommand } from "./export.js";
import { generateCommand } from "./generate.js";
import { instructCommand } from "./instruct.js";
import { judgeCommand } from "./judge.js";
import { noveltyCommand } from "./novelty.js";
import { nurseryPretrainCommand } from "./nursery-pretrain.js";
import { nurserySeedsCommand } from "./nursery-seeds.js";
import { pairsCommand } from "./pairs.js";
import { rankingsCommand } from "./rankings.js";
import { reportCommand } from "./report.js";
import { runCommand } from "./run.js";
import { scoreCommand } from "./score.js";
import { serveCommand } from "./serve.js";
import { statusCommand } from "./status.js";
import { trainDpoCommand } from "./train-dpo.js";
import { trainRewardCommand } from "./train-reward.js";
import { trainSftCommand } from "./train-sft.js";

export const COMMANDS: readonly CommandDefinition[] = [
  runCommand,
  instructCommand,
  noveltyCommand,
  constraintsCommand,
  generateCommand,
  scoreCommand,
  serveCommand,
  trainSftCommand,
  trainDpoCommand,
  trainRewardCommand,
  rankingsCommand,
  judgeCommand,
  eftCommand,
  pairsCommand,
  evaluateCommand,
  compareCommand,
  exportCommand,
  reportCommand,
  statusCommand,
  dashboardCommand,
  nurseryPretrainCommand,
  nurserySeedsCommand,
  doctorCommand,
];

/** What a first word that only groups commands is about. */
export const COMMAND_GROUPS: Readonly<Record<string, string>> = {
  train: "Train a checkpoint on a data set",
  nursery:
    "Make and inspect the nursery, the world where answers can be checked",
};
