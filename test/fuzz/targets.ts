/**
 * @file Every parser that sees text which is not ours, as one table: how it is
 * called, and of what its texts are made.
 *
 * A parser may return or throw an AutodidactError; whatever else it does is a
 * finding. Files are written to `file`, which each target may overwrite.
 */
import { writeFile } from "node:fs/promises";
import { compileChatTemplate } from "../../src/chat-template/chat-template.js";
import { openTokenizer } from "../../src/checkpoints/tokenizer/tokenizer.js";
import { openSafetensors } from "../../src/checkpoints/weights/safetensors.js";
import { readDataFile } from "../../src/pipelines/stages/export.js";
import { readSeedFile } from "../../src/data/formats/seed-file.js";
import {
  checkInstances,
  checkInstruction,
  rulesWithout,
} from "../../src/instruct/language-packs/check.js";
import { english } from "../../src/instruct/language-packs/en.js";
import type { LanguagePack } from "../../src/instruct/language-packs/language-pack.js";
import { chinese } from "../../src/instruct/language-packs/zh.js";
import { parseClassification } from "../../src/instruct/parsing/classification-answer.js";
import {
  parseInputFirst,
  parseOutputFirst,
} from "../../src/instruct/parsing/instance-blocks.js";
import { parseInstructionList } from "../../src/instruct/parsing/instruction-list.js";
import { parseRecipe } from "../../src/recipes/load-recipe.js";
import { selfInstructTrainingSchema } from "../../src/recipes/self-instruct.js";
import { VERDICT_SCALES } from "../../src/rewarding/scales.js";
import { parseAnswer } from "../../src/endpoints/transport/answer.js";
import { AutodidactError } from "../../src/foundation/error.js";
import { harmless, oneLine } from "../../src/text/harmless.js";

export interface Target {
  /** @param folder an empty folder of the target's own */
  readonly parse: (text: string, folder: string) => unknown;
  /** What its texts are made of, besides any characters. */
  readonly pieces: readonly string[];
}

/** No rule is off, and none asks about length: the others must bear any text. */
const RULES = rulesWithout(["too-long", "too-short"]);

function answers(pack: LanguagePack, text: string): void {
  const options = { pack, limit: 5, dropTruncated: true };
  for (const continues of [true, false]) {
    const answer = { text, finishReason: "stop" as const };
    const list = parseInstructionList(answer, { ...options, continues });
    for (const item of [...list.accepted, text]) {
      checkInstruction(item, pack, RULES);
    }
    for (const read of [parseInputFirst, parseOutputFirst]) {
      const { accepted } = read(answer, { ...options, continues });
      checkInstances(accepted, pack, RULES);
    }
    parseClassification(answer, pack);
  }
}

const ANSWER_PIECES = [
  "\n",
  " ",
  "\t",
  "1. ",
  "２．",
  "Example 1\n",
  "Input:",
  "Output: ",
  "Class label:",
  "输出：",
  "示例二",
  "<think>",
  "</think>",
  "<|im_end|>",
  "<|channel|>",
  "```",
  "`",
  "*",
  "_",
  "**a** ",
  "_a",
  "“",
  '"',
  "：",
  "：中",
  "使用 A",
  "no ",
  "是",
  ...[
    "【",
    "】",
    "[",
    "]",
    "［输出］",
    "第1个",
    "任务一、",
    "## ",
    "#3",
    " - ",
  ],
];

export const TARGETS: Readonly<Record<string, Target>> = {
  answers: {
    parse: (text) => {
      for (const pack of [english, chinese]) answers(pack, text);
    },
    pieces: ANSWER_PIECES,
  },
  judgements: {
    parse: (text) => {
      for (const { read } of Object.values(VERDICT_SCALES)) read(text, true);
    },
    pieces: [
      ...["Score: ", "score", ":", "5", "1.", "/5", " ", "\n", "**", "n/a"],
      ...["Better: ", "my ", "final ", "is", "[[", "A", ">", "=", "B", "]]"],
      ...["更好的回答", "：", "Ａ", "。"],
    ],
  },
  "shown-text": {
    parse: (text) => harmless(text) + oneLine(text),
    pieces: [
      "\u001b[2J",
      "\u202e",
      "\u200b",
      "\ud800",
      " ",
      "\n",
      "👩‍👩",
      "\u200d",
    ],
  },
  "server-answers": {
    parse: (text) => {
      parseAnswer("chat", text);
      parseAnswer("text", text);
    },
    pieces: [
      "data: ",
      "\n\n",
      "\r",
      "[DONE]",
      '{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}',
      '{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}',
      ...['{"choices":[{"text":', '{"candidates":[{"content":{"parts":['],
      ...['{"data":{"message":', '"reasoning_content":', '"\\u001b'],
      '{"error":',
      "[",
      "{",
      '"',
      "null",
      "1e999",
    ],
  },
  "row-files": {
    parse: async (text, folder) => {
      const path = `${folder}/rows.json`;
      await writeFile(path, text);
      await settled(readDataFile(path), readSeedFile(path));
    },
    pieces: [
      '{"instruction":"a","input":"","output":"b"}',
      '{"messages":[{"role":"user","content":"a"}]}',
      '{"prompt":"a","chosen":"b","rejected":"c"}',
      "\n",
      "[",
      "]",
      ",",
      "{",
      '"',
      "\\",
      "\ufeff",
      "NaN",
      "12345678901234567890",
      '"\\ud800"',
      '"__proto__":',
    ],
  },
  templates: {
    parse: (source) =>
      compileChatTemplate({ source, path: "t", specialTokens: {} }).render(
        [{ role: "user", content: "a  b" }],
        { addGenerationPrompt: true },
      ),
    pieces: [
      "{{ ",
      " }}",
      "{% for m in messages %}",
      "{% endfor %}",
      "{% if ",
      " %}",
      "{% set a = ",
      "{#",
      "m.content",
      "|trim",
      ".strip()",
      "(",
      "[",
      "~",
      "-",
      "not ",
      "'a'",
      "1",
      "range(9)",
    ],
  },
  tokenizers: {
    parse: async (text, folder) => {
      await writeFile(`${folder}/tokenizer.json`, text);
      await writeFile(`${folder}/tokenizer_config.json`, "{}");
      await settled(openTokenizer(folder));
    },
    pieces: [
      '{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}}',
      '"added_tokens":[{"id":2,"content":"c"}],',
      '"pre_tokenizer":{"type":"ByteLevel"},',
      '"vocab":{"a":',
      "{",
      "}",
      "[",
      "]",
      ",",
      '"__proto__":',
      "-1",
      "1e99",
      "0.5",
      "null",
    ],
  },
  safetensors: {
    parse: async (text, folder) => {
      const path = `${folder}/model.safetensors`;
      const header = Buffer.from(text);
      const size = Buffer.alloc(8);
      size.writeBigUInt64LE(BigInt(header.length));
      await writeFile(path, Buffer.concat([size, header, Buffer.alloc(16)]));
      await settled(openSafetensors(path));
      await writeFile(path, header);
      await settled(openSafetensors(path));
    },
    pieces: [
      '{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}',
      '"shape":[-1,1e99]',
      '"data_offsets":[16,0]',
      '"__proto__":',
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      "\u0000",
    ],
  },
  recipes: {
    parse: (text) =>
      parseRecipe(text, "recipe.yaml", selfInstructTrainingSchema),
    pieces: [
      "\n",
      "  ",
      "- ",
      ": ",
      "pipeline: self-instruct\n",
      "seed: 1\n",
      "&a ",
      "*a",
      "[*a,*a,*a]",
      "<<: ",
      "!!binary ",
      "? ",
      "{",
      "}",
      "|",
      '"',
      "__proto__",
    ],
  },
};

/** Waits for all. @throws where one ends in anything but a refusal */
async function settled(...work: readonly Promise<unknown>[]): Promise<void> {
  for (const end of await Promise.allSettled(work)) {
    if (end.status === "rejected" && !isRefusal(end.reason))
      throw new Error("A reader failed.", { cause: end.reason });
  }
}

/** Whether a parser said no in the way it may. */
export function isRefusal(error: unknown): boolean {
  return error instanceof AutodidactError;
}
