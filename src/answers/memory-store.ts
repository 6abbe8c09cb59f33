/**
 * @file A call store in memory, for tests and for runs that keep nothing.
 */
import type { CallStore, StoredCall } from "./call-store.js";

export interface MemoryStore extends CallStore {
  readonly calls: ReadonlyMap<string, StoredCall>;
}

export function memoryStore(): MemoryStore {
  const calls = new Map<string, StoredCall>();
  return {
    calls,
    get: (key) => calls.get(key),
    put: (key, call) => {
      if (!calls.has(key)) calls.set(key, call);
    },
  };
}
