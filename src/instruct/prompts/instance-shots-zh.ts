/**
 * @file Chinese worked examples for instance generation, written in Chinese for
 * this project. They show the same forms as the English ones with other content.
 */
import type { InstanceShot } from "./shots.js";

export const chineseInputFirst: readonly InstanceShot[] = [
  {
    instruction: "把句子改成反问句，意思不变。",
    instances: [
      { input: "我们应该帮助他。", output: "难道我们不应该帮助他吗？" },
      { input: "这点小事算不了什么。", output: "这点小事算得了什么呢？" },
    ],
  },
  {
    instruction: "说出三种根茎类蔬菜。",
    instances: [{ input: "", output: "萝卜、土豆、莲藕。" }],
  },
  {
    instruction: "根据购物清单算出总价，写出算式。",
    instances: [
      {
        input: "苹果3斤，每斤6元；牛奶2盒，每盒4.5元",
        output: "3×6=18（元）\n2×4.5=9（元）\n18+9=27（元）\n总价27元。",
      },
      {
        input: "练习本5本，每本2.4元",
        output: "5×2.4=12（元）\n总价12元。",
      },
    ],
  },
  {
    instruction: "写两句话，描写雪后清晨的安静。",
    instances: [
      {
        input: "",
        output:
          "屋檐下的雪没有一个脚印，连风都绕着走。远处有人开门，吱呀一声，整条巷子才醒过来。",
      },
    ],
  },
  {
    instruction: "从留言里找出要办的事，逐条列出。",
    instances: [
      {
        input:
          "晚上我加班，你接一下乐乐，顺路去取洗好的大衣。对了，燃气费明天到期，别忘了交。",
        output: "- 接乐乐\n- 取大衣\n- 交燃气费",
      },
    ],
  },
  {
    instruction: "孩子问为什么天上会下雨，请用两三句话回答。",
    instances: [
      {
        input: "",
        output:
          "太阳把江河湖海里的水晒成看不见的水汽，水汽升到高高的天上，遇冷变成小水珠，聚在一起就是云。小水珠越聚越多、越来越重，云托不住了，就落下来变成雨。",
      },
    ],
  },
  {
    instruction: "根据要点给同事写一条简短的提醒。",
    instances: [
      {
        input: "同事：小郑\n事情：报销单\n截止：周四中午",
        output:
          "小郑，提醒一下，报销单周四中午前要交，缺发票的话提前告诉我。谢谢！",
      },
    ],
  },
  {
    instruction: "说明下面的代码运行后输出什么，并解释原因。",
    instances: [
      {
        input: 's = "一二三"\nprint(s[::-1])',
        output:
          "输出：三二一。切片[::-1]从末尾向前逐个取字符，得到倒序的字符串。",
      },
    ],
  },
];

export const chineseOutputFirst: readonly InstanceShot[] = [
  {
    instruction: "判断顾客是在咨询、投诉还是表扬。",
    instances: [
      { input: "台灯寄来灯罩就是裂的。", output: "投诉" },
      { input: "请问发不发新疆？", output: "咨询" },
      { input: "客服小姐姐太耐心了，必须五星！", output: "表扬" },
    ],
  },
  {
    instruction: "句中的数字表示价格、日期还是数量？",
    instances: [
      { input: "礼堂还缺12把椅子。", output: "数量" },
      { input: "这幅字拍出了900元。", output: "价格" },
      { input: "他们是5月14日认识的。", output: "日期" },
    ],
  },
  {
    instruction: "后一句和前一句矛盾吗？回答矛盾或不矛盾。",
    instances: [
      {
        input: "前一句：这家店周一休息。\n后一句：这家店天天营业。",
        output: "矛盾",
      },
      {
        input: "前一句：小禾会拉二胡。\n后一句：小禾有一辆自行车。",
        output: "不矛盾",
      },
    ],
  },
  {
    instruction: "按生活环境给动物分类：陆生、水生、两栖。",
    instances: [
      { input: "青蛙", output: "两栖" },
      { input: "带鱼", output: "水生" },
      { input: "骆驼", output: "陆生" },
    ],
  },
  {
    instruction: "这封信该转给销售、售后还是财务？",
    instances: [
      { input: "5521号账单扣了两次款，请退回一笔。", output: "财务" },
      { input: "机器从昨天起有异响，能派人看看吗？", output: "售后" },
      { input: "请给我们报四十张办公桌的价格。", output: "销售" },
    ],
  },
  {
    instruction: "句子里的成语用得对不对？回答正确或错误。",
    instances: [
      { input: "他做事一向小心翼翼，从不出错。", output: "正确" },
      { input: "祝爷爷身体健康，寿终正寝。", output: "错误" },
    ],
  },
];
