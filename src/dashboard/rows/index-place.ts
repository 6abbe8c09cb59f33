/**
 * @file Where indexes of texts lie: in the user's cache, as much as it may hold. What was
 * used longest ago goes first.
 */
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, cacheLimit } from "../../models/weight-cache.js";

const END = ".db";

/** Null where nothing may be kept. */
export function indexFolder(): string | null {
  return cacheLimit() === 0 ? null : join(cacheFolder(), "rows");
}

/** Removes indexes beyond `limit` bytes, those used longest ago first, the newest never. */
export function makeRoom(folder: string, limit = cacheLimit()): void {
  const files = namesIn(folder)
    .filter((name) => name.endsWith(END))
    .flatMap((name) => {
      const path = join(folder, name);
      const found = statSync(path, { throwIfNoEntry: false });
      return found === undefined
        ? []
        : [{ path, size: found.size, used: found.mtimeMs }];
    })
    .sort((a, b) => b.used - a.used);
  let bytes = 0;
  for (const [place, { path, size }] of files.entries()) {
    bytes += size;
    if (place > 0 && bytes > limit) remove(path);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** What cannot be removed stays: another process or user may hold it. */
function remove(path: string): void {
  try {
    for (const end of ["-wal", "-shm", ""])
      rmSync(`${path}${end}`, { force: true });
  } catch {
    // The next one who makes room tries again.
  }
}
