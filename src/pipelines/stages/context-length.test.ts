import { expect, it } from "vitest";
import { requireFits } from "./context-length.js";

it.each([
  [undefined, "or lower --max-tokens."],
  ["--judge-max-tokens", "or lower --judge-max-tokens."],
])(
  "a row that is too long names the option %s of its command",
  (option, ending) => {
    const row = {
      place: { path: "rows.jsonl", line: 3 },
      tokens: 200,
      more: 100,
      limit: 256,
      ...(option === undefined ? {} : { option }),
    };
    expect(() => {
      requireFits(row);
    }).toThrow(
      `rows.jsonl, line 3: the row has 200 tokens and 100 more are asked for, but this model handles 1 to 256 in all. Shorten or remove it, ${ending}`,
    );
    expect(() => {
      requireFits({ ...row, more: 56 });
    }).not.toThrow();
  },
);
