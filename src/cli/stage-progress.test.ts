import { expect, it } from "vitest";
import { tokensOfChunks } from "./stage-progress.js";

it("tells of all items what calls tell of their chunks, and counts what was found as done", () => {
  const told: [number, number][] = [];
  const { begin, onTokens } = tokensOfChunks(100, (event) => {
    if (event.type === "token-progress")
      told.push([event.done, event.expected]);
  });
  const tell = (done: number, expected: number): void => {
    onTokens({ done, expected });
  };
  tell(0, 0);
  begin(20, 40);
  tell(10, 200);
  tell(200, 200);
  begin(40, 50);
  // This chunk's are shorter, five tokens each: on average 30 items had 250.
  tell(30, 50);
  tell(50, 50);
  begin(50, 100);
  tell(400, 400);
  expect(told).toEqual([
    // The model is being loaded.
    [0, 0],
    // Ten tokens an item: 20 items are behind it, 60 are to come.
    [210, 1000],
    [400, 1000],
    [430, Math.round(450 + 50 * (250 / 30))],
    [450, Math.round(450 + 50 * (250 / 30))],
    [850, 850],
  ]);
});
