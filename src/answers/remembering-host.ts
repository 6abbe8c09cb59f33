/**
 * @file A host that remembers what some of its models answered, for runs that ask the
 * same weights the same thing: the arms of a comparison begin from one M1.
 */
import type { ModelHost } from "../generation/language-model.js";
import type { AnswerStore } from "./answer-store.js";
import { withMemory } from "./with-memory.js";

/** `host`; what a model that `isShared` answered before is taken from `store`. */
export function rememberingHost(
  host: ModelHost,
  store: AnswerStore,
  isShared: (checkpoint: string) => boolean,
): ModelHost {
  return {
    withModel: (checkpoint, use) =>
      host.withModel(checkpoint, (model) =>
        use(isShared(checkpoint) ? withMemory(model, store) : model),
      ),
  };
}
