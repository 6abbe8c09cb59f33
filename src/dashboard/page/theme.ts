/**
 * @file Light or dark: as the system has it, or as chosen. The style sheet does the rest;
 * what draws on a canvas asks for colours here.
 */
import { useEffect } from "preact/hooks";
import { useStoredChoice } from "./stored-choice.js";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const THEME_CHANGED = "autodidact-theme";

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [stored, choose] = useStoredChoice("theme");
  const theme = THEMES.find((each) => each === stored) ?? "system";
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
    dispatchEvent(new Event(THEME_CHANGED));
  }, [theme]);
  return [theme, choose];
}

/** Calls back when colours may have changed. @returns what ends it */
export function onThemeChange(callback: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  addEventListener(THEME_CHANGED, callback);
  system.addEventListener("change", callback);
  return () => {
    removeEventListener(THEME_CHANGED, callback);
    system.removeEventListener("change", callback);
  };
}

/** The style sheet's colour `--name` as it is now, in a form a canvas understands. */
export function colourNow(name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
