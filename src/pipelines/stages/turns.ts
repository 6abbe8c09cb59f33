/**
 * @file Conversations of several turns: what the user says next is asked after the answer
 * to what came before, each sample going its own way.
 */
import { messageText, type ChatMessage } from "../../data/records.js";
import { defined } from "../../foundation/defined.js";
import { derivedSeed } from "../../foundation/random.js";
import type { OpenedModel } from "../../generation/loaded-model.js";
import {
  generationWork,
  type AskedPrompt,
  type GenerationSettings,
} from "./generate.js";
import { asConversation, type GeneratedRow } from "./prompt-rows.js";
import type { RowWork } from "./resumable-rows.js";

/**
 * `n` rows for each prompt, in order; one with later turns has the whole conversation as
 * its prompt, and the fields of its last answer.
 * @throws as generationWork does
 */
export async function turnsWork(
  loaded: OpenedModel,
  asked: readonly AskedPrompt[],
  settings: GenerationSettings,
): Promise<RowWork<GeneratedRow>> {
  const first = await generationWork(loaded, asked, settings);
  return {
    ...first,
    rows: async (start, end, options) => {
      const rows = await first.rows(start, end, options);
      const next = rows.map((row, i) =>
        nextTurn(row, asked[start + Math.floor(i / settings.n)], settings.seed),
      );
      const going = next.filter((one) => one !== null);
      if (going.length === 0) return rows;
      const more = await turnsWork(loaded, going, { ...settings, n: 1 });
      const { signal } = options;
      const answered = await more.rows(0, going.length, defined({ signal }));
      let at = 0;
      return rows.map((row, i) =>
        next[i] === null
          ? row
          : { ...row, ...answered[at++], sample: row.sample },
      );
    },
  };
}

/** Null where the user says no more. */
function nextTurn(
  { response, ...row }: GeneratedRow,
  asked: AskedPrompt | undefined,
  seed: number,
): AskedPrompt | null {
  const [content, ...later] = asked?.later ?? [];
  if (asked === undefined || content === undefined) return null;
  const said: ChatMessage[] = [
    ...asConversation(row.prompt),
    { role: "assistant", content: response },
    { role: "user", content },
  ];
  return {
    row: { ...row, prompt: said },
    ...{ place: asked.place, later },
    seed: derivedSeed(asked.seed ?? seed, "turn", row.sample),
  };
}

/** The answers of a row that was made here, one a turn. */
export function turnsOf({ prompt, response }: GeneratedRow): string[] {
  const earlier = asConversation(prompt)
    .filter(({ role }) => role === "assistant")
    .map(messageText);
  return [...earlier, response];
}
