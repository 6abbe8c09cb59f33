/**
 * @file The Chinese list of words, the program rule and the language rule on sentences read by a person:
 * which ask for something a language model cannot do, which are in another language, and
 * which only look like it.
 */
import { describe, expect, it } from "vitest";
import { checkInstruction, rulesWithout } from "./check.js";
import { chinese } from "./zh.js";

const ALL = rulesWithout([]);

function verdict(instruction: string): string {
  const result = checkInstruction(instruction, chinese, ALL);
  return result.accepted ? "accepted" : `${result.rule}: ${result.evidence}`;
}

describe("what cannot be seen, drawn or visited in Chinese", () => {
  it.each([
    ["画一只正在睡觉的猫。", "画一只"],
    ["请画一面红旗。", "画一面"],
    ["用水彩画一座山。", "画一座"],
    ["画出三角形的三条高。", "画出"],
    ["帮我画个圈。", "画个"],
    ["给妈妈画幅山水。", "画幅"],
    ["描述这张图片的内容。", "图片"],
    ["说明这幅图像的主题。", "图像"],
    ["根据下面的图表回答问题。", "图表"],
    ["给这张照片起个名字。", "照片"],
    ["按照照片的顺序讲故事。", "照片"],
    ["在地图上找到北京。", "地图"],
    ["打开文件并总结要点。", "文件"],
    ["总结这段视频的内容。", "视频"],
    ["为短视频道歉事件写一份声明。", "视频"],
    ["把这段音频转写成文字。", "音频"],
    ["听录音，回答问题。", "录音"],
    ["绘制一张组织结构表。", "绘制"],
    ["用软件绘图并保存。", "绘图"],
    ["前往西藏需要带什么？", "前往"],
    ["点击按钮之后会怎样？", "点击"],
    ["点击中间的按钮。", "点击"],
    ["打开链接，总结文章。", "链接"],
  ])("refused: %s (%s)", (sentence, word) => {
    expect(verdict(sentence)).toBe(`forbidden-word: “${word}”`);
  });

  it.each([
    "为这部动画一周年写一段祝福语。",
    "为一部动画片写一段简介。",
    "这幅画一共卖了多少钱，请列式计算。",
    "油画一般用什么颜料？",
    "这个字的笔画一共有几笔？",
    "介绍一家漫画出版社。",
    "这部动画出现了几个角色？",
    "这幅名画出自谁手？",
    "小说是怎样刻画出人物性格的？",
    "怎样在绘画个性上有所突破？",
    "全画幅相机和半画幅相机有什么区别？",
    "这幅画一面世就引起轰动，请分析原因。",
    "为一个电视频道写一句宣传语。",
    "解释声音频率和音高的关系。",
    "写一段收录音乐作品的专辑介绍。",
    "分析作者的意图表达在哪些句子里。",
    "作者试图表达怎样的思想感情？",
    "试图像老师一样解释什么是引力。",
    "列出当地图书馆可以举办的五个活动。",
    "请按照片段出现的顺序总结故事。",
    "描绘制作陶器的过程。",
    "描绘图书馆清晨的样子。",
    "为什么考试之前往往会紧张？",
    "从前往后数第三个字是什么？",
    "解释“以重点击破难点”的学习方法。",
    "统计每年发表的论文件数有什么意义？",
  ])("passes: %s", (sentence) => {
    expect(verdict(sentence)).toBe("accepted");
  });
});

describe("requests for programs in Chinese", () => {
  it.each([
    "编写一个程序，计算平均数。",
    "编写一个C++程序来排序",
    "编写一个C#程序来排序",
    "请写一个Python程序来排序。",
    "请写一个 Python 程序来排序。",
    "用Python写一个程序来排序",
    "请用Python编写一个程序，统计词频。",
    "使用 Java 语言编写一个程序来排序。",
    "请你帮我写一段程序。",
    "用C语言，编写程序求素数。",
    "写一段C语言程序求阶乘。",
    "编程序求一百以内的素数。",
    "实现一个程序，判断闰年。",
    "写一个简单的程序来掷骰子。",
    "写一个小程序来记账。",
    "写一个计算平均数的程序。",
    "编写一个能够识别回文的Python程序。",
    "请编写一个把摄氏度换成华氏度的小程序",
    "写个程序判断奇偶。",
    "写出程序，输出九九乘法表。",
  ])("are refused: %s", (sentence) => {
    expect(verdict(sentence)).toMatch(/^program-request: /u);
  });

  it.each([
    "写一个程序员的自我介绍。",
    "写一个程序员相亲的笑话。",
    "写一段程序化交易的简介。",
    "写一段程序正义的论述。",
    "写一份程序设计课的教学计划。",
    "写一个程序的使用说明。",
    "写一份申请护照的程序说明。",
    "写一段话，介绍法院审判的程序和原则。",
    "写一段说明退货程序的文字。",
    "写一段说明退货的程序。",
    "解释程序和函数的区别。",
    "用Python写一个函数，返回平均分。",
    "写一个正则表达式，匹配邮编。",
    "用一句话说明什么是程序。",
    "比较C++程序和Python程序的速度。",
    "为初学编程的人写一封鼓励信。",
    "写一首关于程序的短诗。",
    "把这个Python程序改写成C++。",
    "说明下面的程序输出什么。",
    "程序出错时应该怎样调试？",
  ])("are not seen in: %s", (sentence) => {
    expect(verdict(sentence)).toBe("accepted");
  });
});

describe("instructions in another language", () => {
  it.each([
    "Translate this sentence into Chinese.",
    "Write a short poem about 春天 in the style of Li Bai.",
    "Explain 成语 to a beginner in simple words.",
    "Translate “今天天气很好” into English, please.",
    "Answer in one word: 是 or 否 is right?",
    "“Write a poem about the sea.”",
    "Python: sort a list of numbers.",
    "What does 'ni hao' mean?",
    "2 plus 2 is what number?",
    "SQL SELECT FROM WHERE 查询",
  ])("are refused: %s", (sentence) => {
    expect(verdict(sentence)).toMatch(/^wrong-language: /u);
  });

  it.each([
    "把“The quick brown fox jumps over the lazy dog”译成中文。",
    '翻译"All that glitters is not gold, my dear old friend"这句话。',
    "解释「To be or not to be, that is the question」的意思。",
    "译成中文：She sells seashells by the seashore every single summer.",
    "改正语法错误: He go to school every day and he like it very much.",
    "把‘I have a dream that one day this nation will rise up’译成中文。",
    "用Python写一个函数，返回平均分。",
    "比较HTTP和HTTPS的区别。",
    "“沉鱼落雁”出自哪里？",
    "用SQL查询每个部门的人数。",
    "“一日之计在于晨”？",
  ])("are not seen in: %s", (sentence) => {
    expect(verdict(sentence)).toBe("accepted");
  });
});
