/**
 * @file The launcher that a recipe names.
 */
import { AutodidactError } from "../../foundation/error.js";
import type { Launcher } from "../../launchers/launcher.js";
import { localLauncher } from "../../launchers/local.js";
import {
  launcherSettings,
  type LauncherSettings,
} from "../../launchers/settings.js";

/** @throws USAGE for one that is not there yet */
export function openLauncher(
  written: LauncherSettings | LauncherSettings["kind"],
): Launcher {
  const { kind } = launcherSettings(written);
  if (kind === "local") return localLauncher;
  throw new AutodidactError(
    "USAGE",
    `The launcher "${kind}" is not there yet. Start on this machine: leave "launch" out.`,
    { launcher: kind },
  );
}
