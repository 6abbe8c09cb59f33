/**
 * @file What trains, by the kind that a recipe or a command names.
 */
import type { DeviceName } from "../../engine/runtime/device.js";
import { workingDevice } from "../../engine/runtime/working-device.js";
import { AutodidactError } from "../../foundation/error.js";
import { openLauncher } from "../../launchers/launchers.js";
import { localLauncher } from "../../launchers/local.js";
import { launcherSettings } from "../../launchers/settings.js";
import type { RecipeRun } from "../../pipelines/run/with-run.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import { trainEngine } from "../../recipes/train-engine.js";
import { counted } from "../../text/number-words.js";
import { embeddedTrainer } from "../../training/embedded-trainer.js";
import type { RewardTrainer, Trainer } from "../../training/trainer.js";
import { torchrun, torchrunEnvironment } from "../../trl/trl-options.js";
import { trlTrainer } from "../../trl/trl-trainer.js";
import type { CommandValues, OptionTable } from "../command.js";
import { explainEmbedded, type ExplainedEngine } from "./explained-engine.js";
import { choice, integerOption, textOption } from "../options.js";

export const ENGINE_OPTIONS = {
  engine: choice(
    ["embedded", "trl"],
    "What trains: the embedded engine, or TRL in Python with the same numbers",
    { default: "embedded" },
  ),
  python: textOption(
    "PATH",
    "For --engine trl: a Python that has TRL; python3 when absent",
  ),
  processes: integerOption(
    "N",
    "For --engine trl: processes that share every batch, one a GPU; 1 when absent",
    { min: 1 },
  ),
  precision: choice(
    ["float32", "bf16"],
    "For --engine trl: bf16 computes in it over weights in float32",
    { default: "float32" },
  ),
} as const satisfies OptionTable;

type Engine = SelfRewardingRecipe["engine"];

const PROVED = "32 rows are scored by it and by who generates";

type EngineValues = CommandValues<
  Record<never, never>,
  typeof ENGINE_OPTIONS
> & { readonly device: DeviceName | "auto" };

/** @throws USAGE for options that the engine does not have; DEVICE */
export async function openTrainer(
  values: EngineValues,
): Promise<Trainer & RewardTrainer> {
  const { engine, device, python, processes = 1, precision } = values;
  if (engine === "embedded") {
    if (python === undefined && values.processes === undefined)
      if (precision === "float32")
        return embeddedTrainer(await workingDevice(device));
    throw new AutodidactError(
      "USAGE",
      "--python, --processes and --precision belong to --engine trl. Add it, or leave them out.",
    );
  }
  if (device === "webgpu")
    throw new AutodidactError(
      "USAGE",
      "--engine trl trains on cpu or cuda, not on webgpu. Name one of these with --device.",
      { device },
    );
  const trainer = trlTrainer({
    launcher: localLauncher,
    ...{ python: python ?? "python3", precision, device },
    ...{ nodes: 1, processesPerNode: processes },
    strategy: processes > 1 ? "ddp" : "single",
  });
  return { ...trainer, reward: refuseReward };
}

function refuseReward(): Promise<void> {
  throw new AutodidactError(
    "USAGE",
    "--engine trl trains with sft and dpo; a reward model is trained by the embedded engine. Leave --engine out.",
  );
}

/**
 * What trains the models of a run where it is not the embedded engine, and what the host
 * then has to prove.
 * @throws USAGE for processes that a strategy cannot use
 */
export function openTraining({
  generate,
  train,
}: Engine): Partial<Pick<RecipeRun<never>, "trainer" | "handOver">> {
  const engine = train ?? trainEngine.parse({ kind: "embedded" });
  if (engine.kind === "embedded")
    return generate?.kind === "vllm" ? { handOver: engine } : {};
  const { kind: _kind, launch, tolerance, ...options } = engine;
  const launcher = openLauncher(launcherSettings(launch));
  return {
    trainer: trlTrainer({ ...options, launcher }),
    handOver: { tolerance },
  };
}

/** The same before anything is started. */
export function explainTraining({
  generate,
  train: engine,
}: Engine): ExplainedEngine {
  if (engine?.kind !== "trl")
    return explainEmbedded(
      `The embedded engine trains, in this process${generate?.kind === "vllm" ? `; ${PROVED}` : ""}.`,
    );
  const { nodes, processesPerNode, strategy, precision, device } = engine;
  const { kind: launcher } = launcherSettings(engine.launch);
  const processes = nodes * processesPerNode;
  return {
    kind: "trl",
    does: `TRL trains in ${precision}: ${counted(processes, "process", "processes")} on ${counted(nodes, "node")} (${strategy}), started by ${launcher}; ${PROVED}.`,
    ...{ processes, gpus: device === "cuda" ? processes : 0, launcher },
    command: torchrun("JOB", engine),
    env: torchrunEnvironment({ launcher, nodes, processesPerNode }),
  };
}
