/**
 * @file What a counted model keeps of the model it counts.
 */
import { expect, test } from "vitest";
import { countedHost } from "./counted-host.js";
import type { LanguageModel } from "./language-model.js";

test("a counted model says as much of itself as the model does", async () => {
  const model: LanguageModel = {
    identity: "model",
    context: { length: 8, promptTokens: () => Promise.resolve(1) },
    lanes: 7,
    generate: () => Promise.resolve([]),
    score: () => Promise.resolve([]),
    optionLogprobs: () => Promise.resolve([]),
  };
  const host = countedHost(
    { withModel: (_checkpoint, use) => use(model) },
    () => undefined,
  );
  await host.withModel("checkpoint", (counted) => {
    expect(Object.keys(counted).sort()).toEqual(Object.keys(model).sort());
    expect(counted.lanes).toBe(7);
    return Promise.resolve();
  });
});
