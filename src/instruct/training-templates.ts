/**
 * @file How an instruction, with or without input, is put before a model that is
 * fine-tuned: several templates for each language, so that the model learns the
 * task and not the layout.
 *
 * The idea and the counts (7 with input, 6 without) are from the released code
 * (`encode_instance` in `prepare_for_finetuning.py`); the wording is ours. A
 * template ends where the model's answer begins.
 */
import type { LanguageId } from "./language-packs/language-pack.js";

export interface PromptTemplates {
  readonly withInput: readonly string[];
  readonly withoutInput: readonly string[];
}

/** `{instruction}` and `{input}` are replaced by the text itself. */
export const PROMPT_TEMPLATES: Readonly<Record<LanguageId, PromptTemplates>> = {
  en: {
    withInput: [
      "{instruction}\n\n{input}\n\n",
      "{instruction}\nGiven: {input}\nAnswer:",
      "### Instruction\n{instruction}\n\n### Input\n{input}\n\n### Response\n",
      "Request: {instruction}\nMaterial: {input}\nReply:",
      "Read this:\n{input}\n\nNow do the following: {instruction}\n\n",
      "Your task: {instruction}\n\nWork on this input:\n{input}\n\nResult:\n",
      "User: {instruction}\n{input}\nAssistant:",
    ],
    withoutInput: [
      "{instruction}\n\n",
      "{instruction}\nAnswer:",
      "### Instruction\n{instruction}\n\n### Response\n",
      "Request: {instruction}\nReply:",
      "Your task: {instruction}\n\nResult:\n",
      "User: {instruction}\nAssistant:",
    ],
  },
  zh: {
    withInput: [
      "{instruction}\n\n{input}\n\n",
      "{instruction}\n内容：{input}\n回答：",
      "### 指令\n{instruction}\n\n### 输入\n{input}\n\n### 回答\n",
      "要求：{instruction}\n材料：{input}\n答复：",
      "请看：\n{input}\n\n{instruction}\n\n",
      "任务：{instruction}\n\n请处理下面的内容：\n{input}\n\n结果：\n",
      "用户：{instruction}\n{input}\n助手：",
    ],
    withoutInput: [
      "{instruction}\n\n",
      "{instruction}\n回答：",
      "### 指令\n{instruction}\n\n### 回答\n",
      "要求：{instruction}\n答复：",
      "任务：{instruction}\n\n结果：\n",
      "用户：{instruction}\n助手：",
    ],
  },
  // The closed vocabulary has no words to vary the layout with.
  nursery: {
    withInput: ["{instruction} : {input} answer :"],
    withoutInput: ["{instruction} answer :"],
  },
};
