/**
 * @file The launcher that a recipe names.
 */
import type { Launcher } from "../../launchers/launcher.js";
import { localLauncher } from "../../launchers/local.js";
import { rayLauncher } from "../../launchers/ray.js";
import {
  launcherSettings,
  type LauncherSettings,
} from "../../launchers/settings.js";
import { slurmLauncher } from "../../launchers/slurm.js";

export function openLauncher(
  written: LauncherSettings | LauncherSettings["kind"],
): Launcher {
  const settings = launcherSettings(written);
  switch (settings.kind) {
    case "local":
      return localLauncher;
    case "slurm":
      return slurmLauncher(settings);
    case "ray":
      return rayLauncher(settings);
  }
}
