import { describe, expect, it } from "vitest";
import {
  hasMarksInside,
  isInvisible,
  isStandIn,
  withoutMarks,
} from "./model-marks.js";

describe("reasoning before the answer", () => {
  it.each([
    "<think>a\nb</think>",
    "a\nb\n</think>",
    "<THINKING>a</THINKING>",
    "<thought>a</thought>",
    "<reasoning>a</reasoning>",
    "[THINK]a[/THINK]",
    "◁think▷a◁/think▷",
    "<seed:think>a</seed:think>",
    "<|START_THINKING|>a<|END_THINKING|>",
    "<|channel>thought\na<channel|>",
    "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>",
    "<|start|>assistant<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary<|message|>b<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>",
    "analysisI weigh it.assistantfinal",
    "<think></think><think>a</think>",
    "<think>a <think> b</think>",
  ])("is taken off: %j", (reasoning) => {
    expect(withoutMarks(`${reasoning}\nOutput: x`)).toEqual({
      reasoning,
      text: "\nOutput: x",
    });
  });

  it.each([
    "<think>a\nOutput: x",
    "<|channel|>analysis<|message|>a",
    "[THINK]",
  ])("that never ends is all there is: %j", (text) => {
    expect(withoutMarks(text)).toEqual({ reasoning: text, text: "" });
  });

  it.each([
    "Write `</think>` behind a thought.",
    'Close it with "</reasoning>".',
    "The word analysis, not a mark.",
  ])("is not seen where it is spoken of: %j", (text) => {
    expect(withoutMarks(text)).toEqual({ reasoning: "", text });
  });
});

describe("what stands around an answer", () => {
  it.each([
    ["x<|im_end|>", "x"],
    ["x</s>", "x"],
    ["x <end_of_turn>\n", "x"],
    ["x<|eot_id|><|end_of_text|>", "x"],
    ["x<｜end▁of▁sentence｜>", "x"],
    ["<|im_start|>assistant\nx<|im_end|>", "x"],
    ["<answer>x</answer>", "x"],
    ["an <s>old</s>", "an <s>old</s>"],
    ["an <s>old</s></s>", "an <s>old</s>"],
    ["an <s>old</s></s><s>", "an <s>old</s>"],
    ["x</s><s>", "x"],
    ["x<eos><pad><pad>", "x"],
    ["x[EOS] [PAD]", "x"],
    [
      "<|begin_of_text|><|start_header_id|>assistant<|end_header_id|>\n\nx",
      "x",
    ],
    ["[gMASK]<sop>x", "x"],
    ["ends in `</s>", "ends in `</s>"],
  ])("%j is %j", (answer, text) => {
    expect(withoutMarks(answer)).toEqual({ reasoning: "", text });
  });

  it("is noticed inside", () => {
    expect(hasMarksInside("a<|im_end|>\nb")).toBe(true);
    expect(hasMarksInside("a <think>b</think>")).toBe(true);
    expect(hasMarksInside("maybe</think >\nOutput: A")).toBe(true);
    expect(withoutMarks("<think >plan\n</think >\nyes").text.trim()).toBe(
      "yes",
    );
    expect(hasMarksInside("a `<|im_end|>` b <b>c</b> x <| y |> z")).toBe(false);
  });
});

it.each([
  "",
  " \n",
  "\u200b\u200b",
  "\u2060\ufeff\u200d",
  "\u3164\u2800",
  "\u00ad",
  "<s></s>",
  "<s> </s>\n</s>",
  "</s>",
  "<bos><eos>",
  "<|im_start|>assistant\n<|im_end|>",
  "[INST] [/INST]",
  "<|begin_of_text|>",
  "<pad><pad>\u200b<pad>",
  "<unk></s>",
  "[CLS] [SEP]",
  "<<SYS>>\n<</SYS>>",
  "<｜begin▁of▁sentence｜><｜end▁of▁sentence｜>",
])("%j cannot be seen", (text) => {
  expect(isInvisible(text)).toBe(true);
  expect(isInvisible(`${text}.`)).toBe(false);
  expect(isInvisible(`.${text}`)).toBe(false);
});

it("a stand-in is one of the words, bare, bracketed or emphasised", () => {
  for (const text of [
    ...["N/A", "N.A.", "<none>", "(None.)", "**-**", " <no input> "],
    ...["None required.", "〈no input〉", "n / a", "(empty)", '""'],
    ...["<s>None</s>", "N/A<|im_end|>"],
  ]) {
    expect(isStandIn(text, ["no input"])).toBe(true);
  }
  for (const text of [
    ...["none of them", "0", "no", "*", "no output", "empty", "[MASK] is none"],
  ]) {
    expect(isStandIn(text, ["no input"])).toBe(false);
  }
});
