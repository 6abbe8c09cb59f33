/**
 * @file Chinese. The paper has no Chinese rules; each of these is our counterpart
 * of an English one, chosen on the bundled seed tasks, and says so.
 *
 * Chinese has no spaces, so lengths are characters and forbidden words are
 * matched as character sequences. A sequence may also stand across the border of
 * two innocent words (电视|频道 has 视频 in it, 意图|表达 has 图表): such neighbours
 * are named beside each word, and `zh.test.ts` has a sentence for each.
 */
import type { LanguagePack } from "./language-pack.js";
import { blank, lengthBounds, matches, startsWith } from "./rules.js";

/** Letters and digits of any script: punctuation and white space do not count. */
function countCharacters(text: string): number {
  return text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}

const QUOTES: ReadonlyMap<string, string> = new Map([
  ["“", "”"],
  ["‘", "’"],
  ["「", "」"],
  ["『", "』"],
  ['"', '"'],
]);

/**
 * What an instruction says of its own: without what it quotes, and without what
 * follows a colon and has no Chinese character. 把“…”译成中文 is Chinese, whatever it
 * quotes. One pass: a closing mark that is missing once is not looked for again.
 */
function withoutQuotations(instruction: string): string {
  const lastChinese = [...instruction.matchAll(/\p{Script=Han}/gu)].at(-1);
  const unclosed = new Set<string>();
  let said = "";
  for (let at = 0; at < instruction.length; at += 1) {
    const mark = instruction.charAt(at);
    if (/[:：]/u.test(mark) && at > (lastChinese?.index ?? -1))
      return `${said} `;
    const closing = QUOTES.get(mark);
    const end =
      closing === undefined || unclosed.has(closing)
        ? -1
        : instruction.indexOf(closing, at + 1);
    if (closing !== undefined && end < 0) unclosed.add(closing);
    said += end < 0 ? mark : " ";
    at = Math.max(at, end);
  }
  return said;
}

/** Chinese characters against words of the Latin script, in what is not quoted. */
function wrongLanguage(instruction: string): string | undefined {
  const said = withoutQuotations(instruction);
  // What is nothing but a quotation is judged by it.
  const text = /\p{L}/u.test(said) ? said : instruction;
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

/** Things a language model cannot see, make or visit. */
const UNSEEN = new RegExp(
  [
    // 企图, 试图, 意图 and 力图 end in 图.
    "(?<![企试意])图[片像]",
    "(?<![企试意力贪])图表",
    "(?<![按依参遵](?=照片[段名区头尾长]))照片",
    "截图|曲线图|柱状图|折线图|饼图|附件|网址|链接",
    "地图(?![书谋腾])",
    "(?<!论)文件",
    // 电视|频道, 声音|频率, 收录|音乐.
    "视频(?!率|道(?![德具歉]))",
    "音频(?![率道繁])",
    "录音(?!乐)",
    // Noun or verb: 画 asks to draw before the measure word of what is drawn, and not
    // as the end of 动画, 漫画, 笔画 and the like.
    "(?<![动漫版壁笔刻勾描幅])画(?:一(?:[只个张幅条朵座棵头匹辆艘架栋片群对双组把位名轮道圈根束颗间套枝株件杯碗盘块排串扇些下]|面(?![世市]))|出(?![自现版口色众名处土售品租炉发身])|个(?![性人体展数别])|幅(?=[画图素山水漫]))",
    "(?<!描(?=绘制[作度造]))绘制",
    "(?<!描(?=绘图[书景腾]))绘图",
    // 之前|往往, 从前|往后.
    "前往(?![往返来事后日])",
    "(?<![重难弱观](?=点击[破败中]))点击",
  ].join("|"),
  "u",
);

const PROGRAMMING_LANGUAGE = String.raw`[A-Za-z][A-Za-z0-9+#.]*\s*(?:语言\s*)?`;

/**
 * “Write a program” with the language before or after the verb, or with what it does
 * before the noun, where Chinese puts it (写一个计算平均数的程序). 程序 also means
 * procedure and begins 程序员: then it asks for another text.
 */
const PROGRAM = new RegExp(
  [
    String.raw`^\s*请?(?:你)?(?:帮我|为我|给我)?`,
    `(?:(?:使用|利用|用|以)\\s*${PROGRAMMING_LANGUAGE}(?:[，,]\\s*)?(?:来)?)?`,
    "(?:编写|写出|写|编|实现)",
    "(?:",
    `(?:一个|一段|一份|个|段)?\\s*(?:${PROGRAMMING_LANGUAGE}的?)?(?:简单的?|小)?程序(?![员猿媛化性的]|正义|设计)`,
    String.raw`|一?个[^，。！？；：、,.!?;:\n]{1,30}的\s*(?:${PROGRAMMING_LANGUAGE})?小?程序(?=\s*(?:$|[，。！？；：,.!?;:]))`,
    ")",
  ].join(""),
  "u",
);

export const chinese: LanguagePack = {
  id: "zh",
  name: "中文",
  tokenizer: "unicode",
  length: countCharacters,
  lengthUnit: "characters",
  inputSeparator: "\n\n",
  oneRightOutput: false,
  instructionRules: [
    blank,
    // A Chinese word has about 1.6 characters: 4..150 English words are 6..240
    // characters; one shorter is allowed for 写一首短诗.
    ...lengthBounds({
      least: 5,
      most: 250,
      unit: "characters",
      length: countCharacters,
    }),
    { name: "forbidden-word", violation: matches(UNSEEN) },
    { name: "program-request", violation: matches(PROGRAM) },
    {
      // Opening quotes and title marks begin good Chinese sentences.
      name: "leading-punctuation",
      violation: startsWith(/(?![“‘「『《〈])[\p{P}\p{S}]/u),
    },
    {
      name: "non-language-start",
      violation: startsWith(/[^\p{Script=Han}A-Za-z0-9０-９“‘「『《〈]/u),
    },
    { name: "wrong-language", violation: wrongLanguage },
  ],
  colons: [":", "："],
  numerals: ["[一二三四五六七八九十]{1,3}"],
  brackets: ["【】", "［］", "[]", "〔〕", "〖〗", "「」", "『』"],
  ordinal: ["第", "[个個项項条條组組道则則]?"],
  variants:
    "输輸 务務 题題 样樣 范範 参參 类類 别別 标標 签籤 属屬 于於 无無 没沒 适適".split(
      " ",
    ),
  labels: {
    task: ["任务", "指令", "题目"],
    example: ["示例", "例子", "样例", "范例", "例"],
    input: ["输入"],
    output: ["输出", "答案", "回答", "参考答案"],
    classLabel: ["类别标签", "标签", "类别"],
    classification: ["是否分类", "是分类任务吗", "分类"],
    yes: ["是"],
    no: ["否", "不是", "不属于"],
    noInput: ["无输入", "无需输入", "不需要输入", "无", "没有", "不适用", "空"],
    noOutput: [
      ...["无输出", "无输入", "无", "不适用"],
      // What a form has before it is filled in, and what points elsewhere.
      ...["略", "答案略", "待补充", "待填写", "此处填写答案", "在此输入答案"],
      ...["同上", "见上", "如上", "同上例"],
    ],
  },
};
