import { expect, test } from "vitest";
import { detectLanguage } from "./language.js";

/** What langdetect 1.0.9 answers with every seed. */
test.each([
  ["The sun rises in the east and sets in the west.", "en"],
  ["Die Sonne geht im Osten auf und im Westen unter.", "de"],
  ["यह एक वाक्य है। दूसरा वाक्य यहाँ है।", "hi"],
  ["Mặt trời mọc ở hướng đông.", "vi"],
  ["今天的天气很好，我们一起去公园散步吧。", "zh-cn"],
  ["これは日本語の文章です。", "ja"],
  ["이것은 한국어 문장입니다.", "ko"],
  ["See https://example.com/der/die/das: an English sentence.", "en"],
  ["123 !?", null],
  // A word in capitals tells by its first letter alone.
  ["LOUD", "fr"],
])("%s: %s", (text, language) => {
  expect(detectLanguage(text)).toBe(language);
});
