/**
 * @file Chinese. The paper has no Chinese rules; each of these is our counterpart
 * of an English one, chosen on the bundled seed tasks, and says so.
 *
 * Chinese has no spaces, so lengths are characters and forbidden words are
 * matched as character sequences, picked so that they do not fall inside common
 * innocent words (画 alone would hit 漫画, 动画).
 */
import type { LanguagePack } from "./language-pack.js";
import {
  blank,
  forbiddenWords,
  leadingPunctuation,
  lengthBounds,
  nonLanguageStart,
  programRequest,
} from "./rules.js";

/** Letters and digits of any script: punctuation and white space do not count. */
function countCharacters(text: string): number {
  return text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}

/** Chinese characters against words of the Latin script. */
function wrongLanguage(text: string): string | undefined {
  const chinese = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  const latin = text.match(/\p{Script=Latin}+/gu)?.length ?? 0;
  const other =
    text.match(
      /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Cyrillic}\p{Script=Arabic}]/gu,
    )?.length ?? 0;
  return chinese === 0 || chinese < latin + other
    ? `${chinese} Chinese characters against ${latin} Latin words and ${other} letters of other scripts`
    : undefined;
}

export const chinese: LanguagePack = {
  id: "zh",
  name: "中文",
  tokenizer: "unicode",
  length: countCharacters,
  lengthUnit: "characters",
  inputSeparator: "\n\n",
  oneRightOutput: false,
  instructionRules: [
    blank(),
    ...lengthBounds({
      least: 5,
      most: 250,
      unit: "characters",
      length: countCharacters,
      // A Chinese word has about 1.6 characters: 4..150 words are 6..240 characters;
      // one shorter is allowed for 写一首短诗.
      source: "our counterpart of 4 to 150 English words",
    }),
    forbiddenWords(
      /图片|图像|照片|截图|图表|曲线图|柱状图|折线图|饼图|地图|文件|附件|视频|音频|录音|链接|网址|画一|画出|画个|画幅|绘制|绘图|前往|点击/u,
      "things a language model cannot see, make or visit (our list)",
    ),
    programRequest(
      /^\s*请?(?:帮我|你)?(?:编写|写|编|实现)(?:一个|一段|一份|个|段)?(?:\p{Script=Latin}+\s*)?程序/u,
      "our counterpart of “write a program”",
    ),
    leadingPunctuation(
      // Opening quotes and title marks begin good Chinese sentences.
      /(?![“‘「『《〈])[\p{P}\p{S}]/u,
      "starts with punctuation other than an opening quotation or title mark",
    ),
    nonLanguageStart(
      /[\p{Script=Han}A-Za-z0-9０-９“‘「『《〈]/u,
      "starts with neither a Chinese character, an ASCII letter or digit, nor an opening mark",
    ),
    {
      name: "wrong-language",
      about: "fewer Chinese characters than words of other scripts (ours)",
      violation: wrongLanguage,
    },
  ],
  colons: [":", "："],
  numerals: ["[一二三四五六七八九十]{1,3}", "[①-⑳]"],
  labels: {
    task: ["任务", "指令", "题目"],
    example: ["示例", "例子", "样例", "例"],
    input: ["输入"],
    output: ["输出", "答案", "回答", "参考答案"],
    classLabel: ["类别标签", "标签", "类别"],
    classification: ["是否分类", "是分类任务吗", "分类"],
    yes: ["是"],
    no: ["否", "不是", "不属于"],
    noInput: ["<无输入>", "无输入", "无需输入", "不需要输入", "无", "没有"],
  },
};
