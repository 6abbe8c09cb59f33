import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openDevice } from "../engine/runtime/device.js";
import type {
  Completion,
  GenerationRequest,
  LanguageModel,
  OptionsRequest,
} from "../generation/language-model.js";
import { withLoadedModel } from "../generation/loaded-model.js";
import { scriptedLanguageModel } from "../generation/scripted-language-model.js";
import { AnswerJournal } from "./answer-journal.js";
import { askMissing } from "./ask-missing.js";
import { journaledHost, journaledModel } from "./journaled.js";

const TINY = new URL("../../test/fixtures/checkpoints/llama", import.meta.url)
  .pathname;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "autodidact-journal-"));
  path = join(folder, "deep", "answers.jsonl");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** As a process that begins anew has it. */
function openJournal(): AnswerJournal {
  return new AnswerJournal(path);
}

function request(prompt: string): GenerationRequest {
  return {
    ...{ prompt, n: 2, seed: 1, temperature: 1, topP: 1, topK: 0 },
    ...{ maxTokens: 9, stop: [] },
  };
}

/** Two samples, with what is awkward in a file. */
function answerTo({ prompt }: GenerationRequest): readonly Completion[] {
  return [
    {
      text: `${prompt as string}\u2028\ud800“ü”\n`,
      tokens: 3,
      finishReason: "stop",
      logprobs: [-0.1, -1 / 3, -1e-17],
    },
    { text: "", tokens: 9, finishReason: "length" },
  ];
}

const USAGE = { requests: 1, tokensIn: 0, tokensOut: 5, cost: 0 };

/** Tells `told` of its answers in another order than asked, and then fails. */
function dying(told: number): LanguageModel {
  return {
    ...scriptedLanguageModel({ identity: "m" }),
    generate: (requests, options) => {
      for (const place of [...requests.keys()].reverse().slice(0, told))
        options?.onAnswer?.(
          place,
          answerTo(requests[place] as GenerationRequest),
          { ...USAGE, tokensIn: place },
        );
      return Promise.reject(new Error("stopped"));
    },
  };
}

function whole(identity = "m") {
  return scriptedLanguageModel({
    identity,
    answers: (asked, sample) => answerTo(asked)[sample] as Completion,
  });
}

const REQUESTS = ["a", "b", "c", "d", "e"].map(request);

describe("a journaled model", () => {
  it("is asked only for what a stop did not leave, and gives what it would have given", async () => {
    const expected = await whole().generate(REQUESTS);
    await expect(
      journaledModel(dying(2), openJournal()).generate(REQUESTS),
    ).rejects.toThrow("stopped");
    await expect(
      journaledModel(dying(1), openJournal()).generate(REQUESTS),
    ).rejects.toThrow("stopped");
    const model = whole();
    const progress: number[] = [];
    const told: number[] = [];
    const onUsage = vi.fn();
    const answers = await journaledModel(model, openJournal()).generate(
      REQUESTS,
      {
        onProgress: (done) => progress.push(done),
        onAnswer: (place) => told.push(place),
        onUsage,
      },
    );
    // Of what the dying ones never came to count.
    expect(onUsage.mock.calls.flat().slice(0, 3)).toEqual(
      [2, 3, 4].map((tokensIn) => ({ ...USAGE, tokensIn })),
    );
    expect(answers).toEqual(expected);
    expect(model.calls).toMatchObject([{ requests: REQUESTS.slice(0, 2) }]);
    expect(progress).toEqual([3, 4, 5]);
    expect(told).toEqual([0, 1]);
  });

  it("takes nothing of another model, of another request or of another method", async () => {
    await journaledModel(whole(), openJournal()).generate(REQUESTS);
    const other = whole("other");
    await journaledModel(other, openJournal()).generate(REQUESTS);
    expect(other.calls).toHaveLength(1);
    const changed = whole();
    await journaledModel(changed, openJournal()).generate(
      REQUESTS.map((each) => ({ ...each, seed: 2 })),
    );
    expect(changed.calls).toHaveLength(1);
    const scoring = scriptedLanguageModel({
      identity: "m",
      score: () => ({ logprob: -1, tokens: 1 }),
      optionLogprobs: () => [-1],
    });
    const question: OptionsRequest = { prompt: "a", prefix: "", options: [] };
    await journaledModel(scoring, openJournal()).optionLogprobs?.([question]);
    await journaledModel(scoring, openJournal()).optionLogprobs?.([question]);
    expect(scoring.calls).toHaveLength(1);
  });

  it("asks again for an answer with a number that JSON does not have", async () => {
    const options: OptionsRequest = { prompt: "a", prefix: "", options: ["1"] };
    for (const logprob of [Number.NEGATIVE_INFINITY, Number.NaN]) {
      const model = scriptedLanguageModel({ optionLogprobs: () => [logprob] });
      for (const _ of [1, 2])
        expect(
          await journaledModel(model, openJournal()).optionLogprobs?.([
            options,
          ]),
        ).toEqual([[logprob]]);
      expect(model.calls).toHaveLength(2);
    }
  });

  it.each<[string, () => void, number]>([
    [
      "torn in its last line",
      () => {
        truncateSync(path, readFileSync(path).length - 3);
      },
      1,
    ],
    [
      "with zeros where a line was to be",
      () => {
        appendFileSync(path, "\0\0\0\0");
      },
      0,
    ],
    [
      "with an answer of another shape",
      () => {
        const [line = "", ...rest] = readFileSync(path, "utf8").split("\n");
        const { key } = JSON.parse(line) as { key: string };
        const wrong = JSON.stringify({ key, answer: [{ text: 1 }] });
        writeFileSync(path, [wrong, ...rest].join("\n"));
      },
      1,
    ],
  ])(
    "asks again for what a journal %s does not tell",
    async (_, harm, lost) => {
      const expected = await journaledModel(whole(), openJournal()).generate(
        REQUESTS,
      );
      harm();
      const model = whole();
      const asked = async () => {
        const answers = await journaledModel(model, openJournal()).generate(
          REQUESTS,
        );
        expect(answers).toEqual(expected);
      };
      await asked();
      expect(model.calls.map(({ requests }) => requests.length)).toEqual(
        lost === 0 ? [] : [lost],
      );
      const before = model.calls.length;
      await asked();
      expect(model.calls).toHaveLength(before);
    },
  );

  it("has nothing left once it is cleared", async () => {
    const journal = openJournal();
    await journaledModel(whole(), journal).generate(REQUESTS);
    expect(journal.size).toBe(5);
    expect(openJournal().size).toBe(5);
    journal.clear();
    expect([journal.size, openJournal().size]).toEqual([0, 0]);
    expect(existsSync(path)).toBe(false);
  });

  it("of a host is scored anew each time: the weights behind it may be others", async () => {
    const model = scriptedLanguageModel({
      score: () => ({ logprob: -1, tokens: 1 }),
    });
    const host = journaledHost(
      { withModel: (_, use) => use(model) },
      openJournal(),
    );
    for (const _ of [1, 2])
      await host.withModel("m", (served) =>
        served.score([{ prompt: "a", completion: "b" }]),
      );
    expect(model.calls).toHaveLength(2);
  });
});

describe("the embedded engine", () => {
  it("stopped within a batch, goes on to the same numbers without what was done", async () => {
    const requests = Array.from({ length: 12 }, (_, i) => ({
      ...request(`Tell ${i}`),
      seed: i,
      maxTokens: 4 + 3 * i,
    }));
    const questions = requests.map(({ prompt }) => ({
      ...{ prompt, prefix: "", options: ["a", "b"] },
    }));
    const rows = requests.map(({ prompt }) => ({ prompt, completion: " yes" }));
    await withLoadedModel(
      { model: TINY, device: openDevice("cpu") },
      async ({ languageModel: model }) => {
        const asks = [
          (via: LanguageModel, options: object) =>
            via.generate(requests, options),
          (via: LanguageModel, options: object) => via.score(rows, options),
          (via: LanguageModel, options: object) =>
            via.optionLogprobs?.(questions, options),
        ];
        for (const ask of asks) {
          const expected = await ask(model, {});
          const stop = new AbortController();
          await ask(journaledModel(model, openJournal()), {
            signal: stop.signal,
            onAnswer: () => {
              stop.abort();
            },
          })?.catch((error: unknown) => {
            expect(stop.signal.aborted && error).toBe(stop.signal.reason);
          });
          const kept = openJournal().size;
          expect(kept).toBeGreaterThan(0);
          const fresh: number[] = [];
          const answers = await ask(journaledModel(model, openJournal()), {
            onAnswer: (place: number) => fresh.push(place),
          });
          expect(answers).toEqual(expected);
          expect(fresh).toHaveLength(requests.length - kept);
          openJournal().clear();
        }
      },
    );
  });
});

it("makes the key of a request once, to find and to keep it", async () => {
  const kept = new Map([["b", "B"]]);
  const keyed: string[] = [];
  const answers = await askMissing(
    ["a", "b", "c"],
    {},
    {
      keyOf: (request) => {
        keyed.push(request);
        return request;
      },
      find: (key) => kept.get(key),
      keep: ({ key, request }, answer) => {
        expect(request).toBe(key);
        kept.set(key, answer);
      },
    },
    (missing) => Promise.resolve(missing.map((word) => word.toUpperCase())),
  );
  expect(answers).toEqual(["A", "B", "C"]);
  expect(keyed).toEqual(["a", "b", "c"]);
  expect([...kept.keys()].sort()).toEqual(["a", "b", "c"]);
});
