/**
 * @file Two call stores as one: a run's ledger, and the file it is recorded to.
 *
 * Answers come from the first that has them; what only one has is copied to the
 * other, so a recording is complete even where the run reused older answers.
 */
import type { CallStore } from "./call-store.js";

export function layeredStore(first: CallStore, second: CallStore): CallStore {
  return {
    get: async (key) => {
      const found = await first.get(key);
      if (found !== undefined) {
        await second.put(key, found);
        return found;
      }
      const other = await second.get(key);
      if (other !== undefined) await first.put(key, other);
      return other;
    },
    put: async (key, call) => {
      await first.put(key, call);
      await second.put(key, call);
    },
  };
}
