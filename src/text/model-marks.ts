/**
 * @file What models write around their text and in its place: marks of reasoning,
 * wrappers of the answer, marks of turns, text that nobody can see. One table for
 * every reader of a model's words.
 *
 * A mark behind a back-quote or a quotation mark is spoken of, not meant. Every scan
 * is one pass over the text.
 */

/** Where reasoning begins and ends, as sources of regular expressions. */
const REASONING: readonly { readonly open: string; readonly close: string }[] =
  [
    // DeepSeek, Qwen, most others; thought: EXAONE; reasoning, reflection: fine-tunes.
    ...[
      "think",
      "thinking",
      "thought",
      "thoughts",
      "reasoning",
      "reflection",
      "scratchpad",
      "seed:think",
    ].map((word) => ({
      open: String.raw`<${word}\s{0,3}>`,
      close: String.raw`</${word}\s{0,3}>`,
    })),
    // Mistral.
    { open: String.raw`\[THINK\]`, close: String.raw`\[/THINK\]` },
    // Kimi.
    { open: "◁think▷", close: "◁/think▷" },
    // OpenThinker, Cohere, Apertus.
    {
      open: String.raw`<\|begin_of_thought\|>`,
      close: String.raw`<\|end_of_thought\|>`,
    },
    {
      open: String.raw`<\|START_THINKING\|>`,
      close: String.raw`<\|END_THINKING\|>`,
    },
    {
      open: String.raw`<\|inner_prefix\|>`,
      close: String.raw`<\|inner_suffix\|>`,
    },
    // Gemma.
    { open: String.raw`<\|channel>thought`, close: String.raw`<channel\|>` },
    { open: "<unused94>", close: "<unused95>" },
    // gpt-oss, and the same where a server took the special tokens out.
    {
      open: String.raw`(?:<\|start\|>assistant)?<\|channel\|>(?:analysis|commentary)`,
      close: String.raw`(?:<\|start\|>assistant)?<\|channel\|>final[^<|>]{0,40}(?:<\|constrain\|>[^<|>]{0,40})?<\|message\|>`,
    },
    {
      open: String.raw`^analysis(?=[^]*assistantfinal)`,
      close: "assistantfinal",
    },
  ];

/** Around the answer proper, behind the reasoning. */
const WRAPPERS: readonly (readonly [open: string, close: string])[] = [
  ["<answer>", "</answer>"],
  ["<response>", "</response>"],
  ["<|begin_of_solution|>", "<|end_of_solution|>"],
  ["<|START_RESPONSE|>", "<|END_RESPONSE|>"],
];

/** Ends of turns and texts in the special tokens of the common families, and what pads them. */
const TURN_ENDS = `<|im_end|> <|eot_id|> <|eom_id|> <|end_of_text|>
  <|endoftext|> <|end_of_turn|> <|END_OF_TURN_TOKEN|> <|end|> <|return|>
  <|eos|> <|user|> <|im_start|> <end_of_turn> <start_of_turn> <turn|>
  <｜end▁of▁sentence｜> <｜User｜> </s> <s> <eos> [/INST] [EOS] <eop> <bos>
  <pad> [PAD] <|pad|> <|padding|> <｜▁pad▁｜>`.split(/\s+/);

/** Beginnings of texts and the header of the model's own turn, where a server left them in; sources. */
const TURN_STARTS = [
  ...["<s>", "<bos>", String.raw`\[BOS\]`, String.raw`\[gMASK\]`, "<sop>"],
  ...[
    "begin_of_text",
    "startoftext",
    "START_OF_TURN_TOKEN",
    "CHATBOT_TOKEN",
  ].map((name) => String.raw`<\|${name}\|>`),
  String.raw`<\|im_start\|>(?:assistant)?`,
  "<start_of_turn>(?:model)?",
  String.raw`<\|start_header_id\|>assistant<\|end_header_id\|>`,
  String.raw`<\|assistant\|>`,
  "<｜begin▁of▁sentence｜>",
  "<｜Assistant｜>",
].join("|");
const TURN_START = new RegExp(String.raw`^\s*(?:(?:${TURN_STARTS})\s*)+`, "u");

/** A special token of a chat template inside a text; `</s>` and `<s>` are HTML too. */
const SPECIAL_TOKEN =
  /<[|｜][\p{L}\p{N}_▁:]{2,40}[|｜]>|<(?:start|end)_of_turn>/gu;

/** Further tokens of tokenizers: a text may be about one, but no answer is made of them. */
const NO_WORDS = `[INST] <unk> [UNK] [CLS] [SEP] [MASK] <mask> <sep> <EOT> <EOD>
  <end_of_utterance> <<SYS>> <</SYS>> <seed:bos> <seed:eos>`.split(/\s+/);

/** Written where there is nothing to say; language packs add their own words. */
const STAND_INS = [
  "-",
  "--",
  "---",
  "–",
  "—",
  "…",
  "...",
  "n/a",
  "n.a",
  "none",
  "none required",
  "none needed",
  "null",
  "nil",
  "not applicable",
  "(empty)",
  "<empty>",
  "[empty]",
  '""',
  "''",
  "“”",
];

const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u2800]/u;
/** Whatever stands at the beginning or the end of a text without being of it. */
const EVERY_MARK = new RegExp(
  [
    TURN_STARTS,
    SPECIAL_TOKEN.source,
    ...[...TURN_ENDS, ...NO_WORDS].map((mark) =>
      mark.replace(/[|[\]]/gu, String.raw`\$&`),
    ),
  ].join("|"),
  "gu",
);

/** Most texts have none of these, and need not be searched for marks. */
const MARK_START = /[<[◁]|^analysis/u;
const MENTION = /[`"'“‘「『]/u;
const REASONING_MARK = new RegExp(
  REASONING.map(({ open, close }) => `(${open})|(${close})`).join("|"),
  "giu",
);

/** A model's text without what stands around it. */
export interface UnmarkedText {
  /** Reasoning that came before the text, with its marks. Empty where there is none. */
  readonly reasoning: string;
  /** Empty when reasoning that never ended swallowed the whole. */
  readonly text: string;
}

/** Takes reasoning off the beginning, wrappers off both ends and marks of turns off the end. */
export function withoutMarks(answer: string): UnmarkedText {
  const start = answer.slice(TURN_START.exec(answer)?.[0].length ?? 0);
  const end = endOfReasoning(start);
  return {
    reasoning: start.slice(0, end),
    text: unwrapped(withoutTurnEnds(start.slice(end))),
  };
}

/** Whether a mark of reasoning or a special token is left within `text`. */
export function hasMarksInside(text: string): boolean {
  return (
    MARK_START.test(text) &&
    [...text.matchAll(REASONING_MARK), ...text.matchAll(SPECIAL_TOKEN)].some(
      (mark) => !isMention(text, mark.index),
    )
  );
}

/** Whether nothing in `text` is there to be read: white space, zero-width and filler characters, marks of beginnings and ends. */
export function isInvisible(text: string): boolean {
  const [first] = VISIBLE.exec(text) ?? [];
  return (
    first === undefined ||
    (MARK_START.test(first) && !VISIBLE.test(text.replace(EVERY_MARK, "")))
  );
}

/** Whether `text` stands in the place of nothing: one of `words` or of ours, bracketed, emphasised or bare. */
export function isStandIn(text: string, words: readonly string[]): boolean {
  // A stand-in is short; so are the scans for what is around it.
  const whole = text.trim();
  if (whole.length > 200) return false;
  const said = whole
    .replace(EVERY_MARK, "")
    .replace(/ ?\/ ?/gu, "/")
    .trim();
  if (said.length > 40) return false;
  const bare = said
    // eslint-disable-next-line regexp/no-super-linear-move -- 40 characters at most
    .replace(/^[<([{（【《〈「*_]+|[>)\]}）】》〉」*_.。]+$/gu, "")
    .trim()
    .toLowerCase();
  return [said.toLowerCase(), bare].some(
    (one) => STAND_INS.includes(one) || words.includes(one),
  );
}

/** Index behind the last thought that comes before anything else is said. */
function endOfReasoning(text: string): number {
  let end = 0;
  let open: number | undefined;
  for (const mark of text.matchAll(REASONING_MARK)) {
    // Groups alternate: opening and closing mark of each row.
    const group = mark.findIndex((found, at) => at > 0 && found !== undefined);
    const row = group >> 1;
    const opens = group % 2 === 1;
    if (open !== undefined) {
      if (opens || mark[2 * open + 2] === undefined) continue;
    } else if (isMention(text, mark.index)) {
      continue;
    } else if (opens) {
      if (!isInvisible(text.slice(end, mark.index))) break;
      open = row;
      continue;
    }
    // A closing mark alone ends a thought that the chat template had opened.
    open = undefined;
    end = mark.index + mark[0].length;
  }
  return open === undefined ? end : text.length;
}

/** `text` without the marks of turns that it ends with. */
export function withoutTurnEnds(text: string): string {
  const count = (mark: string): number => text.split(mark).length - 1;
  // HTML strikes out between these: one that closes what is open is no mark.
  let unopened = count("</s>") - count("<s>");
  let end = text.length;
  for (;;) {
    const rest = text.slice(0, end).trimEnd();
    const mark = TURN_ENDS.find((one) => rest.endsWith(one));
    const isOurs = mark !== "</s>" || unopened > 0;
    if (
      mark === undefined ||
      !isOurs ||
      isMention(text, rest.length - mark.length)
    ) {
      return end === text.length ? text : rest;
    }
    if (mark === "</s>") unopened -= 1;
    else if (mark === "<s>") unopened += 1;
    end = rest.length - mark.length;
  }
}

function unwrapped(text: string): string {
  const trimmed = text.trim();
  const wrapper = WRAPPERS.find(
    ([open, close]) => trimmed.startsWith(open) && trimmed.endsWith(close),
  );
  return wrapper === undefined
    ? text
    : trimmed.slice(wrapper[0].length, -wrapper[1].length);
}

function isMention(text: string, index: number): boolean {
  return MENTION.test(text.charAt(index - 1));
}
