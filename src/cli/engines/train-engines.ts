/**
 * @file What trains on this machine, by the kind that a command names.
 */
import type { DeviceName } from "../../engine/runtime/device.js";
import { workingDevice } from "../../engine/runtime/working-device.js";
import { AutodidactError } from "../../foundation/error.js";
import { localLauncher } from "../../launchers/local.js";
import { embeddedTrainer } from "../../training/embedded-trainer.js";
import type { RewardTrainer, Trainer } from "../../training/trainer.js";
import { trlTrainer } from "../../trl/trl-trainer.js";
import type { CommandValues, OptionTable } from "../command.js";
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
