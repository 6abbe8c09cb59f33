import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../checkpoints/checkpoint.js";
import type {
  GenerationRequest,
  LanguageModel,
} from "../generation/language-model.js";
import type { CompletionAnswer, CompletionBody } from "./completion-request.js";
import { vllmLanguageModel } from "./vllm-language-model.js";

const CHECKPOINT = await openCheckpoint("test/fixtures/checkpoints/llama");
const CONTEXT = 32;

type Choice = Partial<CompletionAnswer["choices"][number]>;

/** The model over an answer that a test makes, and what it was asked. */
function model(answer: (body: CompletionBody) => readonly Choice[]): {
  readonly asked: CompletionBody[];
  readonly model: LanguageModel;
} {
  const asked: CompletionBody[] = [];
  return {
    asked,
    model: vllmLanguageModel({
      checkpoint: CHECKPOINT,
      identity: "a",
      contextLength: CONTEXT,
      answering: {
        lanes: 4,
        ask: async (body) => {
          asked.push(body);
          return {
            choices: answer(body).map((choice, index) => ({
              ...{ index, finish_reason: "stop", token_ids: [] },
              ...choice,
            })),
          };
        },
      },
    }),
  };
}

function request(changes: Partial<GenerationRequest>): GenerationRequest {
  return {
    ...{ prompt: "She sells", n: 1, seed: 3, temperature: 1, topP: 0.9 },
    ...{ topK: 5, maxTokens: 8, stop: [] },
    ...changes,
  };
}

const encode = (text: string) =>
  CHECKPOINT.tokenizer.encode(text, { addSpecialTokens: true });

describe("a checkpoint that vLLM serves", () => {
  it("asks in the tokens of the checkpoint, with every sampling parameter", async () => {
    const { model: served, asked } = model(() => [{}]);
    await served.generate([
      request({ presencePenalty: 0.5, frequencyPenalty: -0.5, stop: ["x"] }),
    ]);
    expect(asked[0]).toMatchObject({
      prompt: await encode("She sells"),
      ...{ temperature: 1, top_p: 0.9, top_k: 5, max_tokens: 8, n: 1 },
      ...{ presence_penalty: 0.5, frequency_penalty: -0.5, stop: ["x"] },
      stop_token_ids: CHECKPOINT.eosTokenIds,
    });
  });

  it("asks for other draws where seeds are neighbours, so that no sample is shared", async () => {
    const { model: served, asked } = model(() => [{}, {}, {}]);
    await served.generate([3, 4, 3].map((seed) => request({ seed, n: 3 })));
    const [three, four, again] = asked.map(({ seed }) => seed as number);
    expect(again).toBe(three);
    expect(Math.abs((three ?? 0) - (four ?? 0))).toBeGreaterThan(3);
    expect(Number.isSafeInteger(three)).toBe(true);
  });

  it("asks for one greedy answer and gives as many as were wanted", async () => {
    const ids = await encode("seas");
    const { model: served, asked } = model(() => [{ token_ids: ids }]);
    const [answers = []] = await served.generate([
      request({ temperature: 0, n: 3 }),
    ]);
    expect(asked[0]).toMatchObject({ n: 1, temperature: 0 });
    expect(asked[0]).not.toHaveProperty("seed");
    expect(answers).toHaveLength(3);
    expect(answers[2]?.text).toBe(await CHECKPOINT.tokenizer.decode(ids));
  });

  it("asks for no more tokens than the context leaves, and refuses a prompt that leaves none", async () => {
    const { model: served, asked } = model(() => [{}]);
    const { length } = await encode("She sells");
    await served.generate([request({ maxTokens: 1000 })]);
    expect(asked[0]?.max_tokens).toBe(CONTEXT - length);
    await expect(
      served.generate([request({ prompt: "She sells ".repeat(40) })]),
    ).rejects.toMatchObject({ code: "BAD_INPUT" });
  });

  it("puts samples in order, reads their ids, and ends before a stop text", async () => {
    const texts = ["one two", "two one"];
    const ids = await Promise.all(texts.map(encode));
    const { model: served } = model(() => [
      { index: 1, token_ids: ids[1] ?? [], finish_reason: "length" },
      { index: 0, token_ids: ids[0] ?? [], finish_reason: "length" },
    ]);
    const [answers = []] = await served.generate([
      request({ n: 2, stop: [" one"] }),
    ]);
    const decoded = await Promise.all(
      ids.map((each) => CHECKPOINT.tokenizer.decode(each)),
    );
    expect(answers.map(({ text }) => text)).toEqual([
      decoded[0],
      decoded[1]?.replace(/ one$/, ""),
    ]);
    expect(answers.map(({ finishReason }) => finishReason)).toEqual([
      "length",
      "stop",
    ]);
  });

  it("sums what is told of a completion's tokens, its last one among them", async () => {
    const { model: served, asked } = model(({ prompt }) => [
      {
        token_ids: [0],
        logprobs: {
          token_logprobs: [0],
          top_logprobs: [logprobsOf(prompt.length)],
        },
        prompt_logprobs: prompt.map((id) => ({ [id]: { logprob: -1 } })),
      },
    ]);
    const [score] = await served.score([
      { prompt: "She sells", completion: " seas" },
    ]);
    const { length } = asked[0]?.prompt ?? [];
    const start = (await encode("She sells")).length;
    // The prompt that is sent lacks the last token, which is told as a continuation: −100.
    expect(score).toEqual({
      logprob: -(length - start) - 100,
      tokens: length + 1 - start,
    });
    function logprobsOf(_length: number): Record<string, number> {
      const wanted = (asked[0]?.["logprob_token_ids"] as number[])[0];
      return { [`token_id:${wanted}`]: -100 };
    }
  });

  it("weighs options in their order, and refuses an answer that does not tell one", async () => {
    const options = { prompt: "Why?", prefix: "", options: ["1", "2"] };
    const told = model(({ logprob_token_ids: ids }) => [
      {
        logprobs: {
          token_logprobs: [0],
          top_logprobs: [
            Object.fromEntries(
              (ids as number[]).map((id) => [`token_id:${id}`, -id]),
            ),
          ],
        },
      },
    ]);
    const [row = []] = (await told.model.optionLogprobs?.([options])) ?? [];
    const wanted = told.asked[0]?.["logprob_token_ids"] as number[];
    expect(row).toEqual(wanted.map((id) => -id));
    const { model: silent } = model(() => [{}]);
    await expect(silent.optionLogprobs?.([options])).rejects.toThrow(
      "without the log-probabilities",
    );
  });

  it("tells how many are done, and of tokens", async () => {
    const done: number[] = [];
    const { model: served } = model(() => [{ token_ids: [5] }]);
    await served.generate([request({}), request({})], {
      onProgress: (count) => done.push(count),
    });
    expect(done).toEqual([1, 2]);
    await expect(
      served.generate([request({})], { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});
