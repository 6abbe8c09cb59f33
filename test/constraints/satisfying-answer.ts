/**
 * @file An answer that follows every constraint of a row, put together kind by kind: the
 * proof that the row can be followed.
 */
import type {
  ConstrainedRow,
  LanguageName,
} from "../../src/constrained-prompts/constrained-rows.js";

/** Without a comma, a keyword, a usual word, a rare letter or a full stop. */
const PLAIN = {
  en: "the old tree stood by the wall of the house",
  zh: "天上有云",
};

const SAMPLES: Readonly<Record<string, string>> = {
  en: "The weather is nice today and the children play in the street",
  de: "Das Wetter ist heute schön und die Kinder spielen auf der Straße",
  fr: "Il fait beau temps aujourd'hui et les enfants jouent dans la rue",
  es: "Hoy hace buen tiempo y los niños están jugando en la calle",
  it: "Oggi il tempo è bello e i bambini giocano nella strada vicino alla scuola",
  pt: "Hoje o tempo está bom e as crianças não param de brincar na rua",
  ru: "Сегодня хорошая погода и дети играют на улице",
  zh: "今天天气很好孩子们在街上玩耍",
  ja: "きょうは天気がよくて子どもたちが外で遊んでいます",
  ko: "오늘은 날씨가 좋아서 아이들이 거리에서 놀고 있습니다",
  hi: "आज मौसम अच्छा है और बच्चे सड़क पर खेल रहे हैं",
  ar: "الطقس جميل اليوم والأطفال يلعبون في الشارع",
  tr: "Bugün hava çok güzel ve çocuklar sokakta oynuyorlar",
};

const times = (count: number, text: string): string[] =>
  Array.from({ length: count }, () => text);

/** So many words of a sentence, over and over: a lone word says no language. */
const repeated = (count: number, sentence: string): string[] => {
  const words = sentence.split(" ");
  return Array.from({ length: count }, (_, i) => words[i % words.length] ?? "");
};

export function satisfyingAnswer(
  row: ConstrainedRow,
  language: LanguageName,
): string {
  const asked = new Map(
    row.instruction_id_list.map((id, i) => [id, row.kwargs[i] ?? {}]),
  );
  const has = (id: string): boolean => asked.has(id);
  const argument = <T>(id: string, name: string): T | undefined =>
    asked.get(id)?.[name] as T | undefined;
  const number = (id: string, name: string): number =>
    argument<number>(id, name) ?? 0;
  /** How many an "at least" asks for; nothing for a "less than". */
  const least = (id: string, name: string, relation = "relation"): number =>
    argument(id, relation) === "at least" ? number(id, name) : 0;

  const code = argument<string>("language:response_language", "language");
  const plain = code === undefined ? PLAIN[language] : (SAMPLES[code] ?? "");
  const words = [
    plain,
    ...repeated(least("length_constraints:number_words", "num_words"), plain),
    ...times(least("zh:number_characters", "num_characters"), "云"),
    ...(argument<string[]>("keywords:existence", "keywords") ?? []),
    ...times(
      least("keywords:frequency", "frequency"),
      argument("keywords:frequency", "keyword") ?? "",
    ),
    ...times(
      least("keywords:letter_frequency", "let_frequency", "let_relation"),
      argument("keywords:letter_frequency", "letter") ?? "",
    ),
    ...times(
      least(
        "change_case:capital_word_frequency",
        "capital_frequency",
        "capital_relation",
      ),
      "LOUD",
    ),
    ...times(
      number("detectable_format:number_highlighted_sections", "num_highlights"),
      code === undefined ? "*the wall of the house*" : `*${plain}*`,
    ),
    ...times(
      number("detectable_content:number_placeholders", "num_placeholders"),
      `[${plain.split(" ").slice(-3).join(" ")}]`,
    ),
  ];
  const sentences = [
    ...times(
      least("length_constraints:number_sentences", "num_sentences"),
      "The rain fell.",
    ),
    ...times(least("zh:number_sentences", "num_sentences"), "下雨。"),
  ];
  const lines = [[...sentences, words.join(" ")].join(" ")];
  if (has("detectable_format:title")) lines.unshift("<<tree>>");
  if (has("zh:title")) lines.unshift("《云》");
  lines.push(
    ...times(
      number("detectable_format:number_bullet_lists", "num_bullets"),
      `* ${plain}`,
    ),
  );
  if (has("detectable_format:constrained_response"))
    lines.push("My answer is yes.");
  const mark = argument<string>(
    "detectable_format:multiple_sections",
    "section_spliter",
  );
  times(
    number("detectable_format:multiple_sections", "num_sections"),
    plain,
  ).forEach((text, i) => lines.push(`${mark ?? ""} ${i + 1}`, text));
  const postscript = argument<string>(
    "detectable_content:postscript",
    "postscript_marker",
  );
  const end = argument<string>("startend:end_checker", "end_phrase");
  const parts = dividedAs(lines.join("\n"));
  const first = argument<string>(
    "combination:repeat_prompt",
    "prompt_to_repeat",
  );
  const whole = [first, parts, postscript, end]
    .filter((part) => part !== undefined)
    .join("\n");
  return wrapped(whole);

  function dividedAs(body: string): string {
    const paragraphs = number(
      "length_constraints:number_paragraphs",
      "num_paragraphs",
    );
    if (paragraphs > 0)
      return [body, ...times(paragraphs - 1, plain)].join("\n***\n");
    const nth = "length_constraints:nth_paragraph_first_word";
    if (has(nth))
      return times(number(nth, "num_paragraphs"), plain)
        .map((text, i) =>
          i === number(nth, "nth_paragraph") - 1
            ? `${argument<string>(nth, "first_word") ?? ""} ${body}`
            : text,
        )
        .join("\n\n");
    if (has("combination:two_responses"))
      return `${body}\n******\n${plain} ${plain}`;
    return body;
  }

  function wrapped(text: string): string {
    if (has("detectable_format:json_format")) return JSON.stringify({ text });
    if (has("change_case:english_capital")) return quoted(text.toUpperCase());
    if (has("change_case:english_lowercase")) return quoted(text.toLowerCase());
    return quoted(text);
  }

  function quoted(text: string): string {
    if (has("startend:quotation")) return `"${text}"`;
    return has("zh:quotation") ? `“${text}”` : text;
  }
}
