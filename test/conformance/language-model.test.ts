/**
 * @file The embedded engine, and an endpoint that serves the same model, each against
 * the contract of a language model.
 */
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { EmbeddedLanguageModel } from "../../src/generation/embedded-language-model.js";
import type { Prompt } from "../../src/data/records.js";
import { openEndpoint } from "../../src/endpoints/endpoint.js";
import { TINY_LLAMA } from "../invariants/tiny-model.js";
import { startLocalServer } from "../endpoints/local-server.js";
import { languageModelConformance } from "./language-model.js";

async function embedded(): Promise<EmbeddedLanguageModel> {
  const checkpoint = await openCheckpoint(TINY_LLAMA);
  return EmbeddedLanguageModel.load(checkpoint, openDevice("cpu"));
}

languageModelConformance({
  name: "the embedded engine",
  open: async () => {
    const model = await embedded();
    return { model, close: () => model.release() };
  },
});

/** The fields of a request body that the server below understands. */
interface Body {
  readonly prompt?: string;
  readonly messages?: Prompt;
  readonly temperature: number;
  readonly top_p: number;
  readonly max_tokens: number;
  readonly seed: number;
  readonly stop?: readonly string[];
}

languageModelConformance({
  name: "an endpoint",
  open: async () => {
    const served = await embedded();
    // The engine takes one call at a time.
    let turn: Promise<unknown> = Promise.resolve();
    const server = await startLocalServer((fields, _request, response) => {
      if (fields === undefined) return { data: [] };
      const body = fields as unknown as Body;
      turn = turn.then(async () => {
        const [[answer] = []] = await served.generate([
          {
            prompt: body.prompt ?? body.messages ?? "",
            n: 1,
            seed: body.seed,
            temperature: body.temperature,
            topP: body.top_p,
            topK: 0,
            maxTokens: body.max_tokens,
            stop: body.stop ?? [],
          },
        ]);
        const { text = "", tokens = 0, finishReason } = answer ?? {};
        const choice = { index: 0, finish_reason: finishReason };
        response.setHeader("content-type", "application/json");
        response.end(
          JSON.stringify({
            choices: [
              body.prompt === undefined
                ? { ...choice, message: { content: text } }
                : { ...choice, text },
            ],
            usage: { prompt_tokens: 1, completion_tokens: tokens },
          }),
        );
      });
    });
    const model = openEndpoint(
      { baseUrl: `${server.url}/v1`, model: "tiny" },
      { environment: {} },
    );
    return {
      model,
      close: async () => {
        await model.close();
        await server.close();
        await served.release();
      },
    };
  },
});
