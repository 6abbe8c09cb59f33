import fc from "fast-check";
import { expect, it } from "vitest";
import { openTokenizer } from "../checkpoints/tokenizer/tokenizer.js";
import type { Ask } from "./hosted-model.js";
import { certainPart, Speech, type Piece } from "./speech.js";

const tokenizer = await openTokenizer("test/fixtures/checkpoints/llama");

it.each([
  ["a text as it is", "one two", [], "one two"],
  ["nothing of half a character", "one \ufffd\ufffd", [], "one "],
  ["a character that was broken for good", "a \ufffd b", [], "a \ufffd b"],
  ["nothing that may become a stop text", "one\nQ", ["\nQ:"], "one"],
  ["the longest such end", "one ab", ["abc", " abd"], "one"],
  ["what is before a stop text", "one\nQ: two", ["\nQ:"], "one"],
])("is certain of %s", (_, text, stop, certain) => {
  expect(certainPart(text, stop)).toBe(certain);
});

it("says in pieces what it says as a whole, whenever it is heard", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "grapheme", minLength: 1 }),
      fc.array(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 2 }),
      fc.array(fc.boolean()),
      async (said, stop, pauses) => {
        const ids = await tokenizer.encode(said, { addSpecialTokens: false });
        const ask: Ask = {
          promptIds: [1],
          n: 1,
          seed: 1,
          temperature: 0,
          topP: 1,
          topK: 0,
          maxTokens: ids.length,
          stop,
          echo: null,
          alternatives: 0,
        };
        const pieces: Piece[] = [];
        const speech = new Speech(tokenizer, ask, (piece) =>
          pieces.push(piece),
        );
        for (const [i, token] of ids.entries()) {
          speech.hear({ token, logprob: -1, alternatives: [] });
          if (pauses[i] === true) await new Promise(setImmediate);
        }
        const answer = await speech.end({
          ids,
          logprobs: [],
          finishReason: "length",
        });
        const silent = new Speech(tokenizer, ask, null);
        for (const token of ids)
          silent.hear({ token, logprob: -1, alternatives: [] });
        expect(
          await silent.end({ ids, logprobs: [], finishReason: "length" }),
        ).toEqual(answer);
        expect(pieces.map(({ text }) => text).join("")).toBe(answer.text);
        expect(pieces.flatMap(({ tokens }) => tokens)).toEqual(answer.tokens);
        for (const end of stop) expect(answer.text).not.toContain(end);
        const whole = await tokenizer.decode(ids);
        expect(whole.startsWith(answer.text)).toBe(true);
        if (stop.length === 0) expect(answer.tokens).toHaveLength(ids.length);
      },
    ),
    { numRuns: 100 },
  );
});
