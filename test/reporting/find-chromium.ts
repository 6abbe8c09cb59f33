/**
 * @file Finds a Chromium for the tests that look at pages. None is downloaded.
 */
import { existsSync } from "node:fs";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** Path of a Chromium: the one `CHROMIUM_PATH` names, or one in a usual place. */
export function findChromium(): string | null {
  const named = process.env["CHROMIUM_PATH"];
  const places = named === undefined ? PLACES : [named];
  return places.find((place) => existsSync(place)) ?? null;
}
