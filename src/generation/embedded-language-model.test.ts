import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../checkpoints/checkpoint.js";
import { openDevice } from "../engine/runtime/device.js";
import { EmbeddedLanguageModel } from "./embedded-language-model.js";

let model: EmbeddedLanguageModel;
beforeAll(async () => {
  model = await EmbeddedLanguageModel.load(
    await openCheckpoint("test/fixtures/checkpoints/llama"),
    openDevice("cpu"),
  );
});
afterAll(() => model.release());

describe("rows longer than the model has positions", () => {
  const prompt = "cat ".repeat(200);
  const refusal = {
    code: "BAD_INPUT",
    message: expect.stringMatching(
      /^A row to be scored has \d+ tokens, but this model handles 1 to 128 in all/,
    ) as string,
  };

  it("are refused when they are scored", async () => {
    await expect(
      model.score([{ prompt, completion: "dog" }]),
    ).rejects.toMatchObject(refusal);
  });

  it("are refused when options are weighed", async () => {
    await expect(
      model.optionLogprobs([{ prompt, prefix: "", options: ["a", "b"] }]),
    ).rejects.toMatchObject(refusal);
  });
});
