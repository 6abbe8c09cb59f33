/**
 * @file What the models of a run answered to its held-out prompts: `answers/M1.jsonl` and
 * its like, a line a prompt, the same prompts in the same order in each.
 *
 * Of a file only the places of its lines and what the verifier said of each are kept;
 * lines are read when they are shown.
 */
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { openLines } from "./line-places.js";

export interface AnswerFile {
  /** `M0`, `M1`, … */
  readonly model: string;
  /** By prompt; null where no verifier looked. */
  readonly correct: readonly (boolean | null)[];
  /** Lines from `first` on, at most `count`; fewer at the end of the file. */
  read(first: number, count: number): Promise<readonly AnswerLine[]>;
}

export interface AnswerLine {
  readonly prompt: string;
  readonly expected: string | null;
  readonly text: string;
  readonly correct: boolean | null;
  readonly score: number | null;
}

const line = z.object({
  prompt: z.string(),
  response: z.string(),
  answer: z.unknown(),
  correct: z.boolean().nullish().catch(null),
  score: z.number().nullish().catch(null),
});

/** A line that cannot be read stands for itself. */
function readLine(text: string): AnswerLine {
  const parsed = line.safeParse(jsonOf(text)).data;
  if (parsed === undefined)
    return { prompt: "", expected: null, text, correct: null, score: null };
  const { prompt, response, answer, correct = null, score = null } = parsed;
  return {
    prompt,
    expected:
      answer === undefined || answer === null
        ? null
        : typeof answer === "string"
          ? answer
          : JSON.stringify(answer),
    text: response,
    correct,
    score,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Known {
  readonly changed: string;
  readonly file: AnswerFile;
}

/** Files read before, by path, as long as they do not change. */
export type KnownAnswers = Map<string, Known>;

const NAME = /^([\w.-]+)\.jsonl$/u;
const SAMPLED = "-sampled.jsonl";

/** One a model, `M2` before `M10`; none where the run has no held-out prompts yet. */
export async function answerFiles(
  folder: string,
  known: KnownAnswers,
): Promise<readonly AnswerFile[]> {
  const place = join(folder, "answers");
  const names = await readdir(place).catch(() => []);
  const order = new Intl.Collator("en", { numeric: true });
  const files: AnswerFile[] = [];
  for (const name of names.sort((a, b) => order.compare(a, b))) {
    const model = NAME.exec(name)?.[1];
    if (model === undefined || name.endsWith(SAMPLED)) continue;
    files.push(await answerFile(join(place, name), model, known));
  }
  return files;
}

async function answerFile(
  path: string,
  model: string,
  known: KnownAnswers,
): Promise<AnswerFile> {
  const { mtimeMs, size, ino } = await stat(path);
  const changed = `${ino}/${mtimeMs}/${size}`;
  const before = known.get(path);
  if (before?.changed === changed) return before.file;
  const correct: (boolean | null)[] = [];
  const places = await openLines(path, (text) => {
    correct.push(readLine(text).correct);
  });
  const file: AnswerFile = {
    model,
    correct,
    async read(first, count) {
      const from = places[first];
      const to = places[Math.min(first + count, places.length - 1)];
      if (from === undefined || to === undefined || to <= from) return [];
      const handle = await open(path);
      try {
        const bytes = Buffer.alloc(to - from);
        await handle.read(bytes, 0, bytes.length, from);
        const lines = bytes.toString().split("\n");
        return lines.filter((text) => text !== "").map(readLine);
      } finally {
        await handle.close();
      }
    },
  };
  known.set(path, { changed, file });
  return file;
}
