/**
 * @file Open Assistant's message trees: the first turn alone, as Self-Rewarding takes it
 * (arXiv 2401.10020, section 3.1): the prompt, and its replies by the rank people gave.
 *
 * Deleted, badly reviewed and foreign-language messages are left out; a deleted or foreign
 * prompt takes its tree along. Deeper turns are walked only to see that the tree is one.
 */
import { z } from "zod";
import { rowError, type RowPlace } from "../formats/field-errors.js";
import { rankingOf, type ReadRanking } from "./ranking.js";

const text = z.string("it must be text").min(1, "it must not be empty");

interface Message {
  readonly message_id: string;
  readonly parent_id?: string | null | undefined;
  readonly text: string;
  readonly role: "prompter" | "assistant";
  readonly lang: string;
  readonly deleted: boolean;
  /** Null or absent where nobody reviewed. */
  readonly review_result?: boolean | null | undefined;
  /** 0 is the best of its siblings. */
  readonly rank?: number | null | undefined;
  readonly replies: readonly Message[];
}

const message: z.ZodType<Message> = z.object({
  message_id: text,
  parent_id: text.nullish(),
  text,
  role: z.enum(["prompter", "assistant"], "it must be prompter or assistant"),
  lang: text,
  deleted: z.boolean("it must be true or false").default(false),
  review_result: z.boolean("it must be true or false").nullish(),
  rank: z.int("it must be a whole number").min(0).nullish(),
  replies: z
    .array(
      z.lazy(() => message),
      "it must be a list",
    )
    .default([]),
});

export const openAssistantTree = z.object({
  message_tree_id: text,
  tree_state: text.optional(),
  prompt: message,
});

export type OpenAssistantTree = z.output<typeof openAssistantTree>;

/**
 * @param known ids of messages read before, to which those of this tree are added
 * @throws BAD_INPUT for a message that is there twice, that is not below its parent, or
 *   two replies with one rank
 */
export function readOpenAssistantTree(
  tree: OpenAssistantTree,
  place: RowPlace,
  options: { readonly language: string; readonly known: Set<string> },
): ReadRanking {
  const { prompt } = tree;
  checkTree(prompt, place, options.known);
  const reason = unfit(prompt, options.language);
  if (reason !== null) return { leftOut: { [`trees: prompt ${reason}`]: 1 } };
  if (prompt.role !== "prompter")
    throw rowError(
      place,
      `the tree begins with a message of the assistant`,
      "The first message of a tree is a prompter's; export the trees anew.",
      "prompt.role",
    );
  const leftOut: Record<string, number> = {};
  const leave = (why: string): void => {
    leftOut[why] = (leftOut[why] ?? 0) + 1;
  };
  const answers = prompt.replies.flatMap((reply) => {
    const why =
      unfit(reply, options.language) ??
      (reply.rank == null ? "unranked" : null);
    if (why !== null) leave(`replies: ${why}`);
    return why === null && reply.rank != null
      ? [{ response: reply.text, rank: reply.rank }]
      : [];
  });
  const ranks = new Set(answers.map(({ rank }) => rank));
  if (ranks.size < answers.length)
    throw rowError(
      place,
      `two replies to “${prompt.message_id}” have the same rank`,
      "Ranks of one prompt's replies are 0, 1, 2 …; mend or remove the tree.",
      "rank",
    );
  const best = answers.find(({ rank }) => rank === 0);
  const ranking = rankingOf(prompt.text, answers);
  if (ranking === undefined) leave("trees: fewer than two ranked replies");
  return {
    leftOut,
    ...(ranking === undefined ? {} : { ranking }),
    ...(best === undefined
      ? {}
      : { best: { prompt: prompt.text, output: best.response } }),
  };
}

function unfit(
  { deleted, lang, review_result }: Message,
  language: string,
): string | null {
  if (deleted) return "deleted";
  if (review_result !== true) return "not reviewed well";
  return lang === language || lang.startsWith(`${language}-`)
    ? null
    : "in another language";
}

function checkTree(root: Message, place: RowPlace, known: Set<string>): void {
  const waiting: [Message, string | null][] = [[root, null]];
  for (;;) {
    const next = waiting.pop();
    if (next === undefined) return;
    const [{ message_id, parent_id, replies }, parent] = next;
    if (known.has(message_id))
      throw rowError(
        place,
        `the message “${message_id}” is there a second time`,
        "A message has one place in one tree, and no tree comes back to itself; remove the copy.",
        "message_id",
      );
    if (parent !== null && parent_id != null && parent_id !== parent)
      throw rowError(
        place,
        `the message “${message_id}” is a reply to “${parent}” but names “${parent_id}” as its parent`,
        "Export the trees anew, or mend parent_id.",
        "parent_id",
      );
    known.add(message_id);
    for (const reply of replies) waiting.push([reply, message_id]);
  }
}
