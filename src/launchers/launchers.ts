/**
 * @file The table of launchers. A new one is a file and a row here.
 */
import type { Launcher, LauncherKind } from "./launcher.js";
import { localLauncher } from "./local.js";
import { rayLauncher } from "./ray.js";
import type { LauncherSettings } from "./settings.js";
import { slurmLauncher } from "./slurm.js";

type SettingsOf<K extends LauncherKind> = Extract<
  LauncherSettings,
  { kind: K }
>;

const LAUNCHERS: {
  readonly [K in LauncherKind]: (settings: SettingsOf<K>) => Launcher;
} = {
  local: () => localLauncher,
  slurm: slurmLauncher,
  ray: rayLauncher,
};

export function openLauncher<K extends LauncherKind>(
  settings: SettingsOf<K> & { readonly kind: K },
): Launcher {
  return LAUNCHERS[settings.kind](settings);
}
