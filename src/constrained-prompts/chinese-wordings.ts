/**
 * @file How Chinese prompts ask for each kind of constraint. Kinds that look for words
 * between spaces, or for Latin letters, have no place here.
 */
import type { Wordings } from "./prompt-language.js";

export const CHINESE_WORDINGS: Wordings = {
  "zh:number_characters": [
    "汉字数量要{relation}{num_characters}个。",
    "全文用{relation}{num_characters}个汉字。",
    "篇幅：{relation}{num_characters}个汉字。",
  ],
  "zh:number_sentences": [
    "句子数量要{relation}{num_sentences}句。",
    "全文{relation}{num_sentences}句话。",
    "请数一数，应当{relation}{num_sentences}句。",
  ],
  "zh:no_comma": [
    "不要使用任何逗号或顿号。",
    "全文不能出现逗号和顿号。",
    "请不用逗号、顿号来写。",
  ],
  "zh:quotation": [
    "把整个回答放在一对中文引号里。",
    "回答以引号开始，也以引号结束。",
    "请用“”把全部内容括起来。",
  ],
  "zh:title": [
    "给它一个标题，写在《》里。",
    "要有一个用书名号括起来的标题。",
    "请在《》之间写上自己拟的题目。",
  ],
  "zh:forbidden_words": [
    "不要用到{forbidden_words}。",
    "全文避免出现{forbidden_words}。",
    "哪里都不能写{forbidden_words}。",
  ],
  "keywords:existence": [
    "文中要出现{keywords}。",
    "请把{keywords}都写进去。",
    "内容必须用到{keywords}。",
  ],
  "keywords:frequency": [
    "“{keyword}”要出现{relation}{frequency}次。",
    "使用“{keyword}”这个词{relation}{frequency}次。",
    "“{keyword}”一词的次数应当{relation}{frequency}次。",
  ],
  "keywords:letter_frequency": [
    "“{letter}”字要出现{let_relation}{let_frequency}次。",
    "全文的“{letter}”字{let_relation}{let_frequency}个。",
    "“{letter}”这个字用{let_relation}{let_frequency}次。",
  ],
  "language:response_language": [
    "只用{language}回答，不用别的语言。",
    "回答的每一个词都用{language}写。",
    "读者只懂{language}，请全部用它来写。",
  ],
  "length_constraints:number_paragraphs": [
    "正好写{num_paragraphs}段，段与段之间放三个星号***。",
    "把文章分成{num_paragraphs}段，用***隔开。",
    "全文{num_paragraphs}段，分隔符是***。",
  ],
  "detectable_content:number_placeholders": [
    "留出{num_placeholders}处以上待填的内容，用方括号标明，例如[姓名]。",
    "至少要有{num_placeholders}个方括号占位符，例如[日期]。",
    "不知道的细节写成[地点]这样的占位符，不少于{num_placeholders}个。",
  ],
  "detectable_content:postscript": [
    "结尾加一段补充，以“{postscript_marker}”开头。",
    "正文之后写上“{postscript_marker}”和忘了说的话。",
    "最后用“{postscript_marker}”引出一句补充。",
  ],
  "detectable_format:number_bullet_lists": [
    "正好列出{num_bullets}个要点，每个要点单独一行，以星号开头：* 要点。",
    "回答里有{num_bullets}个Markdown要点，不多也不少。",
    "把主要想法写成{num_bullets}条“* 想法”。",
  ],
  "detectable_format:number_highlighted_sections": [
    "用Markdown星号标出{num_highlights}处以上，*像这样*。",
    "至少把{num_highlights}个部分放在星号之间，例如*这里*。",
    "用*星号*强调不少于{num_highlights}处。",
  ],
  "detectable_format:multiple_sections": [
    "分成{num_sections}个部分，开头写“{section_spliter}1”“{section_spliter}2”这样的编号。",
    "全文有{num_sections}节，每节以“{section_spliter}”加数字开始，如{section_spliter}1。",
    "用{section_spliter}1、{section_spliter}2……标出{num_sections}节。",
  ],
  "detectable_format:json_format": [
    "整个回答写成JSON，可以放在代码块里。",
    "全部输出必须是合法的JSON。",
    "只回复一个JSON对象，别的都不要。",
  ],
  "combination:two_responses": [
    "给出两个不同的回答，中间用六个星号******隔开，别处不要用它。",
    "我想挑一个：写两个不一样的版本，第一和第二之间放******。",
    "用不同的方式回答两次，两次之间只有一行******。",
  ],
  "combination:repeat_prompt": [
    "回答之前先一字不差地重复这个要求：“{prompt_to_repeat}”前面什么都不要说。",
    "回答要以这句话开头，然后再作答：“{prompt_to_repeat}”",
    "先原样抄写“{prompt_to_repeat}”，然后再回答。",
  ],
  "startend:end_checker": [
    "最后一句必须正好是“{end_phrase}”，后面什么都没有。",
    "用这句话结束：“{end_phrase}”",
    "以“{end_phrase}”收尾，到此为止。",
  ],
};
