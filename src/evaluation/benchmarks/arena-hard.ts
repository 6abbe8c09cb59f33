/**
 * @file Arena-Hard (Li et al. 2024, arXiv 2406.11939): its questions, those of its first
 * version too, and the answers as `arena-hard-auto` keeps them.
 */
import { z } from "zod";
import { promptField, textField } from "../evaluation-sets.js";
import { keyField } from "../suites/answers.js";
import {
  nameField,
  turnsField,
  type Benchmark,
  type OpenQuestion,
} from "./benchmark.js";

const question = z
  .looseObject({ uid: keyField, prompt: promptField })
  .transform((row): OpenQuestion => ({
    key: String(row.uid),
    turns: [row.prompt],
    row,
  }));
const olderQuestion = z
  .looseObject({
    question_id: keyField,
    turns: turnsField.max(1, "its questions have one turn"),
  })
  .transform((row): OpenQuestion => ({
    key: String(row.question_id),
    turns: row.turns,
    row,
  }));

const said = z.union(
  [textField, z.looseObject({ answer: textField }).transform((c) => c.answer)],
  'it must be text or {"answer": text}',
);

export const arenaHard: Benchmark = {
  maxTokens: 4096,
  questions: {
    name: "Arena-Hard's questions",
    example: '{"uid": "…", "category": "…", "prompt": "…"}',
    field: "uid",
    row: (value) =>
      value !== null && typeof value === "object" && "turns" in value
        ? olderQuestion
        : question,
  },
  answers: {
    name: "a file of answers to Arena-Hard",
    example:
      '{"uid": "…", "model": "…", "messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": {"answer": "…"}}]}',
    field: "messages",
    row: z
      .looseObject({
        uid: keyField,
        model: nameField,
        messages: z.array(
          z.looseObject({ role: textField, content: said }),
          "it must be a list",
        ),
      })
      .transform(({ uid, model, messages }, context) => {
        const of = (who: string): string[] =>
          messages
            .filter(({ role }) => role === who)
            .map(({ content }) => content);
        const [asked, answers] = [of("user"), of("assistant")];
        if (asked.length === 0 || asked.length !== answers.length)
          context.addIssue({
            code: "custom",
            path: ["messages"],
            message: "every message of the user needs an answer",
          });
        return {
          key: String(uid),
          asked,
          samples: [answers],
          names: { uid, model },
        };
      }),
  },
  written: "lines",
  answered: ({ key, row, turns: asked }, { model, turns, id, time }) => ({
    uid: row["uid"] ?? key,
    ans_id: id,
    model,
    messages: asked.flatMap((content, turn) => [
      { role: "user", content },
      { role: "assistant", content: { answer: turns[turn] } },
    ]),
    tstamp: time,
  }),
};
