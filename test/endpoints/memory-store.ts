/**
 * @file A call store in memory, for tests and for runs that keep nothing.
 */
import type {
  AnswerStore,
  StoredAnswer,
} from "../../src/answers/answer-store.js";

export interface MemoryStore extends AnswerStore {
  readonly calls: ReadonlyMap<string, StoredAnswer>;
}

export function memoryStore(): MemoryStore {
  const calls = new Map<string, StoredAnswer>();
  return {
    calls,
    get: (key) => calls.get(key),
    put: (key, call) => {
      if (!calls.has(key)) calls.set(key, call);
    },
  };
}
