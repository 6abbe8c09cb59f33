/**
 * @file The Chinese sentences of the prompts, written in Chinese and not
 * translated from the English ones.
 */
import type { Wording } from "./wording.js";

export const chineseWording: Wording = {
  taskList: "下面收集了各种各样的任务，每一项都可以只用文字完成：",
  moreTasks: ({ first, last }) =>
    `请接着往下写第${first}到第${last}项新任务。` +
    "题材、任务类型和句式都要和上面的不同，彼此之间也不要雷同；" +
    "每项任务都必须只靠文字就能完成，不需要看图、听声音、打开文档或上网。" +
    "每行写一项，只写任务本身，不要作答。",
  classificationHead:
    "如果一项任务的答案只能从少数几个固定的类别中选择，它就是分类任务。请判断下列任务是不是分类任务。",
  classificationForm: "只用一个字回答：是或否。",
  inputFirstHead:
    "下面为每项任务给出示例：需要输入的任务先写输入，再写正确的输出；本身已经完整的任务不写输入，只给一个输出。",
  inputFirstForm: (most) =>
    `请按同样的格式为下面的任务写示例。需要输入的，给出最多${most}个内容具体、互不相同的示例；不需要输入的，只写一个输出。` +
    "输出必须正确、完整。除示例外不要写任何别的内容。",
  outputFirstHead:
    "下面为每项分类任务先写一个可能的类别标签，再写一个恰好属于该类别的输入，任务允许的标签都要轮到。",
  outputFirstForm: (most) =>
    `请按同样的格式为下面的任务写带标签的输入，标签各不相同，最多${most}个。除此之外不要写任何别的内容。`,
  yourTask: "任务如下。",
  colon: "：",
};
