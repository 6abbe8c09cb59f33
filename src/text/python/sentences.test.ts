import { describe, expect, test } from "vitest";
import { sentences } from "./sentences.js";
import { treebankWords } from "./treebank-words.js";

/** What nltk 3.10.4 gives: `sent_tokenize` and `word_tokenize`. */
describe("as NLTK cuts", () => {
  test.each([
    [
      "Dr. Smith met Mr. J. R. Brown at 5 p.m. in Washington D.C. They talked.",
      [
        "Dr. Smith met Mr. J. R. Brown at 5 p.m. in Washington D.C.",
        "They talked.",
      ],
    ],
    [
      'She said, "It is late." Then she left (at last!). Ok',
      ['She said, "It is late."', "Then she left (at last!).", "Ok"],
    ],
    ["No mark at all\nin two lines", ["No mark at all\nin two lines"]],
    ["", []],
  ])("sentences of %j", (text, cut) => {
    expect(sentences(text)).toEqual(cut);
  });

  test.each([
    [
      "DON'T go, it's the U.S.A. NOW! \"CANNOT\"",
      [
        "DO",
        "N'T",
        "go",
        ",",
        "it",
        "'s",
        "the",
        "U.S.A.",
        "NOW",
        "!",
        "``",
        "CAN",
        "NOT",
        "''",
      ],
    ],
    ["AT&T (x) 3,000", ["AT", "&", "T", "(", "x", ")", "3,000"]],
  ])("words of %j", (text, words) => {
    expect(treebankWords(text)).toEqual(words);
  });
});
