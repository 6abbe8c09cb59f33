/**
 * @file What each model answered to the held-out prompts, one model beside another: which
 * prompts the one gets right and the other wrong.
 */
import type { HeldOutPage, HeldOutQuery } from "../api/api.js";
import { DashboardFailure, notFound } from "../api/failure.js";
import {
  answerFiles,
  type AnswerFile,
  type AnswerLine,
  type KnownAnswers,
} from "./answer-files.js";
import { readCursor, writeCursor } from "./cursor.js";
import { searchTerms } from "./search-terms.js";

type Outcome = keyof HeldOutPage["counts"];

/** By prompt, what a model's own judge says of its answer. */
export type SelfScores = (model: string) => readonly (number | null)[];

const PAGE = 50;
/** Prompts read together. */
const TOGETHER = 200;
const SHOWN: readonly NonNullable<HeldOutQuery["show"]>[] = [
  ...(["lost", "gained", "both", "neither", "all"] as const),
];

/**
 * A page of held-out prompts. Left and right may be empty: then the last model is set
 * against the one before.
 * @throws DashboardFailure
 */
export async function heldOutPage(
  run: {
    readonly folder: string;
    readonly known: KnownAnswers;
    readonly selfScores: SelfScores;
  },
  query: HeldOutQuery,
): Promise<HeldOutPage> {
  const files = await answerFiles(run.folder, run.known);
  const models = files.map(({ model }) => model);
  const counts = { lost: 0, gained: 0, both: 0, neither: 0 };
  if (files.length === 0) return { models, counts, prompts: [], next: null };
  const { show = "all" } = query;
  if (!SHOWN.includes(show))
    throw new DashboardFailure(
      "USAGE",
      `There is no way to show "${String(show)}". Choose ${SHOWN.join(", ")}.`,
    );
  const outcomes = outcomesOf(
    fileOf(files, query.left, -2),
    fileOf(files, query.right, -1),
  );
  for (const outcome of outcomes) if (outcome !== null) counts[outcome]++;
  const wanted = outcomes.flatMap((outcome, index) =>
    show === "all" || outcome === show ? [index] : [],
  );
  const after = readCursor(query.after)?.id;
  const { found, more } = await promptsOf(
    { ...run, files },
    after === undefined ? wanted : wanted.filter((index) => index > after),
    query.search,
  );
  const last = found.at(-1);
  return {
    models,
    counts,
    prompts: found,
    next:
      more && last !== undefined
        ? writeCursor({ value: null, id: last.index })
        : null,
  };
}

/** @param place of the model where none is named, from the end */
function fileOf(
  files: readonly AnswerFile[],
  model: string,
  place: number,
): AnswerFile {
  const file =
    model === ""
      ? (files.at(place) ?? files[0])
      : files.find((one) => one.model === model);
  if (file === undefined) throw notFound("model with answers", model);
  return file;
}

/** By prompt; null where no verifier looked at either. */
function outcomesOf(left: AnswerFile, right: AnswerFile): (Outcome | null)[] {
  const prompts = Math.max(left.correct.length, right.correct.length);
  return Array.from({ length: prompts }, (_, index) => {
    const [one, other] = [left.correct[index], right.correct[index]];
    if (typeof one !== "boolean" || typeof other !== "boolean") return null;
    if (one) return other ? "both" : "lost";
    return other ? "gained" : "neither";
  });
}

/** The first of the wanted prompts that hold what is searched for, a page of them. */
async function promptsOf(
  run: {
    readonly files: readonly AnswerFile[];
    readonly selfScores: SelfScores;
  },
  wanted: readonly number[],
  search = "",
): Promise<{
  readonly found: HeldOutPage["prompts"];
  readonly more: boolean;
}> {
  const words = searchTerms(search);
  const found: HeldOutPage["prompts"][number][] = [];
  for (let at = 0; at < wanted.length;) {
    const first = wanted[at] as number;
    const rows = await linesOf(run.files, first);
    for (; at < wanted.length; at++) {
      const index = wanted[at] as number;
      const lines = rows[index - first];
      if (index - first >= TOGETHER) break;
      if (lines === undefined) continue;
      const texts = lines.flatMap((line) =>
        line === null ? [] : [line.prompt, line.text],
      );
      if (!words.matches(texts)) continue;
      if (found.length === PAGE) return { found, more: true };
      found.push(promptOf(run, index, lines));
    }
  }
  return { found, more: false };
}

/** [prompt from `first` on][model] */
async function linesOf(
  files: readonly AnswerFile[],
  first: number,
): Promise<(AnswerLine | null)[][]> {
  const read = await Promise.all(
    files.map((file) => file.read(first, TOGETHER)),
  );
  const most = Math.max(...read.map((lines) => lines.length));
  return Array.from({ length: most }, (_, i) =>
    read.map((lines) => lines[i] ?? null),
  );
}

function promptOf(
  {
    files,
    selfScores,
  }: {
    readonly files: readonly AnswerFile[];
    readonly selfScores: SelfScores;
  },
  index: number,
  lines: readonly (AnswerLine | null)[],
): HeldOutPage["prompts"][number] {
  const known = lines.find((line) => line !== null);
  return {
    index,
    prompt: known?.prompt ?? "",
    expected: known?.expected ?? null,
    answers: files.flatMap(({ model }, i) => {
      const line = lines[i];
      if (line === null || line === undefined) return [];
      const { text, correct, score } = line;
      const selfReward = selfScores(model)[index] ?? null;
      return [{ model, text, correct, score, selfReward }];
    }),
  };
}
