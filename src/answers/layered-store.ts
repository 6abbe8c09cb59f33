/**
 * @file Two stores as one: a run's ledger, and the file it is recorded to.
 *
 * Answers come from the first that has them; what only one has is copied to the
 * other, so a recording is complete even where the run reused older answers.
 */
import type { AnswerStore } from "./answer-store.js";

export function layeredStore(
  first: AnswerStore,
  second: AnswerStore,
): AnswerStore {
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
    put: async (key, answer) => {
      await first.put(key, answer);
      await second.put(key, answer);
    },
  };
}

/** What `store` has; nothing is added to it. */
export function readOnly(store: AnswerStore): AnswerStore {
  return { get: (key) => store.get(key), put: () => undefined };
}
