/**
 * @file The verb a Chinese instruction turns on, from a fixed list.
 *
 * Chinese has no library of the kind used for English that installs without a
 * model, and the word segmenter of Node changes with its version. So this looks
 * for the earliest verb of a list of instruction verbs, tells no object, and
 * counts what it does not know as such.
 */

const VERBS = `改写成 改写 改成 改为 改正 仿写 续写 扩写 缩写 描写 编写 填写
  写出 写 列出 列举 列 翻译 译成 解释 说明 说出 说 介绍 比较 对比 概括 总结
  归纳 分析 判断 辨认 识别 分类 提取 找出 挑选 选择 选 计算 算出 求出 求 证明
  排列 排序 整理 设计 安排 制定 规划 起草 草拟 拟 编 推荐 建议 回答 回复 换算
  补全 填 标注 注音 造句 造 取 起名 给出 提出 讲 描述 评价 讨论 模仿 扮演 生成
  创作 实现 配平 猜 举例 举`
  .split(/\s+/)
  .sort((a, b) => b.length - a.length);

const PATTERN = new RegExp(VERBS.join("|"), "u");

/** The earliest verb of the list, the longest of those; undefined when there is none. */
export function chineseVerb(instruction: string): string | undefined {
  return PATTERN.exec(instruction)?.[0];
}
