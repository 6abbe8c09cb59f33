/**
 * @file Self-Instruct with a model whose context is shorter than the paper's answers:
 * answers get what their prompts leave, and prompts that leave nothing are named.
 */
import { describe, expect, it } from "vitest";
import type { Prompt } from "../../src/data/records.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import type { RunEvent } from "../../src/events/run-event.js";
import type {
  GenerationRequest,
  LanguageModel,
} from "../../src/generation/language-model.js";
import { checkpointAuthor } from "../../src/pipelines/instruct/open-author.js";
import {
  datasetHashes,
  opener,
  runInstruct,
  runOptions,
  testFolders,
} from "./run-folder.js";

const folder = testFolders();

const SETTINGS = {
  language: "nursery",
  style: "chat",
  accept: 6,
  inFlight: 1,
  novelty: 1,
} as const;

const textOf = (prompt: Prompt): string =>
  typeof prompt === "string" ? prompt : (prompt[0]?.content ?? "");
const wordsOf = (prompt: Prompt): number => textOf(prompt).split(" ").length;

/** Writes one task a request, in a context of 100 words, and keeps what it was asked. */
function smallModel(
  promptTokens: (prompt: Prompt) => number = wordsOf,
): LanguageModel & { readonly asked: GenerationRequest[] } {
  const asked: GenerationRequest[] = [];
  let written = 0;
  const answer = (text: string): string => {
    if (text.startsWith("choose")) return "no";
    if (!text.startsWith("write")) return "four";
    written++;
    return `count one up from ${[...String(100 + 37 * written)].join(" ")}`;
  };
  return {
    identity: "small",
    asked,
    context: {
      length: 100,
      promptTokens: (prompt) => Promise.resolve(promptTokens(prompt)),
    },
    generate: (requests) => {
      asked.push(...requests);
      return Promise.resolve(
        requests.map(({ prompt }) => [
          { text: answer(textOf(prompt)), tokens: 3, finishReason: "stop" },
        ]),
      );
    },
    score: () => Promise.reject(new Error("not asked")),
  };
}

describe("a model with a short context", () => {
  it("is asked for as many tokens as each prompt leaves, and says so once", async () => {
    const model = smallModel();
    const events: RunEvent[] = [];
    await runInstruct({
      ...runOptions(await folder(), opener(model), SETTINGS),
      emit: (event) => events.push(event),
    });
    // Chat answers are of 1024 tokens at most, and of 64 where a task is sorted.
    for (const { prompt, maxTokens } of model.asked) {
      const most = textOf(prompt).startsWith("choose") ? 64 : 1024;
      expect(maxTokens).toBe(Math.min(most, 100 - wordsOf(prompt)));
    }
    expect(model.asked.length).toBeGreaterThan(2 * SETTINGS.accept);
    const warnings = events.flatMap((event) =>
      event.type === "warning" ? [event.message] : [],
    );
    expect(warnings).toEqual([
      expect.stringMatching(
        /^The model's context has 100 tokens, so an answer gets what its prompt leaves: about \d+ tokens instead of 1,024 for new instructions, about \d+ tokens instead of 1,024 for instances\.$/u,
      ),
    ]);
  });

  it("can be replayed without it: the record knows requests by what was asked for", async () => {
    const first = await folder();
    await runInstruct(runOptions(first, opener(smallModel()), SETTINGS));
    const replayed = await folder();
    await runInstruct({
      ...runOptions(replayed, opener(smallModel()), SETTINGS),
      replay: first,
    });
    const hashes = await datasetHashes(first);
    const again = await datasetHashes(replayed);
    expect(again["chat.jsonl"]).toBe(hashes["chat.jsonl"]);
    expect(again["rejected.jsonl"]).toBe(hashes["rejected.jsonl"]);
  });

  it("loses the one request that does not fit, not the run", async () => {
    const long = "count one up from 1 7 4";
    const model = smallModel((prompt) =>
      textOf(prompt) === `choose yes or no : ${long}` ? 99 : wordsOf(prompt),
    );
    const report = await runInstruct(
      runOptions(await folder(), opener(model), SETTINGS),
    );
    expect(
      report.waterfall.map(({ stage, accepted, failed }) => [
        stage,
        accepted,
        failed,
      ]),
    ).toEqual([
      ["instructions", 6, 0],
      ["classification", 5, 1],
      ["instances", 5, 0],
    ]);
  });

  it("is refused with the numbers when no prompt can fit, and the folder stays free", async () => {
    const place = await folder();
    // Ten are left for an answer that needs sixteen.
    const model = smallModel((prompt) =>
      textOf(prompt).startsWith("write") ? 90 : wordsOf(prompt),
    );
    await expect(
      runInstruct(runOptions(place, opener(model), SETTINGS)),
    ).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringMatching(
        /^The model's context of 100 tokens is too short for the prompts "nursery-chat-1": they have at least 90 for new instructions \(and 16 for an answer\)\. Use a model with a longer context, or fewer examples/u,
      ) as string,
    });
    expect(model.asked).toEqual([]);
    const other = runOptions(place, opener(smallModel()), {
      ...SETTINGS,
      accept: 2,
      seed: 5,
    });
    expect((await runInstruct(other)).accepted).toBe(2);
  });
});

describe("the nursery's base model", () => {
  const m0 = () =>
    checkpointAuthor({
      model: "nursery/m0",
      device: openDevice("cpu"),
      signal: new AbortController().signal,
    });

  it("answers the nursery's prompts with the default settings", async () => {
    const events: RunEvent[] = [];
    // It was never taught the form: what it writes is refused, and it is told that.
    await expect(
      runInstruct({
        ...runOptions(await folder(), await m0(), {
          language: "nursery",
          accept: 4,
          barrenRequests: 3,
        }),
        emit: (event) => events.push(event),
      }),
    ).rejects.toMatchObject({
      code: "GATE",
      message: expect.stringContaining(
        "`autodidact run nursery-self-instruct`",
      ) as string,
    });
    expect(events).toContainEqual(
      expect.objectContaining({ type: "warning", code: "short-context" }),
    );
  });

  it("is told that English prompts are too long for it, and which language is not", async () => {
    await expect(
      runInstruct(
        runOptions(await folder(), await m0(), { language: "en", accept: 1 }),
      ),
    ).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringMatching(
        /^The model's context of 256 tokens is too short for the prompts "en-chat-1": they have at least \d+ for sorting .*--language nursery\)\.$/u,
      ) as string,
    });
  });
});
