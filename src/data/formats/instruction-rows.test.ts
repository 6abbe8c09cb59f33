/**
 * @file Every form of an IFT row gives the same prompt and output.
 */
import { expect, test } from "vitest";
import { instructionRow } from "./instruction-rows.js";

const EXPECTED = { prompt: "Sort these.\n\nc a b", output: "a b c" };

test.each([
  { instruction: "Sort these.", input: "c a b", output: "a b c" },
  { prompt: "Sort these.\n\nc a b", output: "a b c" },
  { prompt: "Sort these.\n\nc a b", completion: " a b c" },
  {
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Sort these.\n\nc a b" },
      { role: "assistant", content: "a b c" },
    ],
  },
])("reads %j", (row) => {
  expect(instructionRow.parse(row)).toEqual(EXPECTED);
});

test.each([
  [
    {
      messages: [
        { role: "user", content: "a" },
        { role: "assistant", content: "b" },
        { role: "user", content: "c" },
      ],
    },
    "messages",
  ],
  [{ messages: [{ role: "user", content: 3 }] }, "messages"],
  [{ prompt: "a", completion: [] }, "completion"],
  [{ prompt: "a", completion: " " }, "completion"],
  [{ output: "a" }, "instruction"],
  [{ prompt: "a" }, "output"],
])("refuses %j at the field %s", (row, field) => {
  const { error } = instructionRow.safeParse(row);
  expect(error?.issues[0]?.path.join(".")).toBe(field);
});
