/**
 * @file Rankings out of a file, one after the other, whatever form it has: the fields of
 * its first row tell which. Plain or gzipped; memory holds a row at a time, and the ids
 * of messages.
 */
import { createGunzip } from "node:zlib";
import { Readable } from "node:stream";
import { AutodidactError, messageOf } from "../../foundation/error.js";
import { readChunks } from "../../foundation/json-lines.js";
import { checkRow, emptyFileError, rowError } from "../formats/field-errors.js";
import { placedValues } from "../formats/rows.js";
import { hasField } from "../training-rows.js";
import {
  openAssistantTree,
  readOpenAssistantTree,
  type OpenAssistantTree,
} from "./open-assistant.js";
import type { ReadRanking } from "./ranking.js";
import {
  rankedPair,
  readScoredAnswers,
  readPair,
  scoredAnswer,
  scoredList,
} from "./scored-answers.js";

const FORMAT = {
  name: "a file of rankings",
  example:
    '{"message_tree_id": …, "prompt": {…}}, {"prompt": "…", "chosen": "…", "rejected": "…"}, {"prompt": "…", "responses": [{"response": "…", "score": 4}, …]} or {"prompt": "…", "response": "…", "score": 4}',
};

type Form = "trees" | "pairs" | "lists" | "answers";

/** @throws BAD_INPUT with file, line, what is wrong and what to do */
export async function* readRankings(
  path: string,
  language: string,
): AsyncGenerator<ReadRanking> {
  const known = new Set<string>();
  let form: Form | null = null;
  let open: { prompt: string; answers: { response: string; rank: number }[] } =
    { prompt: "", answers: [] };
  for await (const { line, value } of placedValues(path, bytesOf(path))) {
    const place = { path, line };
    const where = { ...place, format: FORMAT };
    form ??= formOf(value);
    if (formOf(value) !== form)
      throw rowError(
        place,
        `the row is one of ${formOf(value)}, those before it are ${form}`,
        "A file holds one form; put the others into a file of their own.",
      );
    if (form === "trees") {
      const tree = checkRow<OpenAssistantTree>(value, openAssistantTree, where);
      yield readOpenAssistantTree(tree, place, { language, known });
    } else if (form === "pairs")
      yield readPair(checkRow(value, rankedPair, where));
    else if (form === "lists")
      yield readScoredAnswers(checkRow(value, scoredList, where));
    else {
      const { prompt, ...answer } = checkRow(value, scoredAnswer, where);
      if (prompt !== open.prompt && open.answers.length > 0)
        yield readScoredAnswers(open);
      if (prompt !== open.prompt) open = { prompt, answers: [] };
      open.answers.push(answer);
    }
  }
  if (form === null) throw emptyFileError(path, FORMAT);
  if (open.answers.length > 0) yield readScoredAnswers(open);
}

function formOf(value: unknown): Form {
  if (hasField(value, "message_tree_id")) return "trees";
  if (hasField(value, "chosen") || hasField(value, "rejected")) return "pairs";
  const listed = ["responses", "completions"];
  return listed.some((field) => hasField(value, field)) ? "lists" : "answers";
}

async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  if (!path.endsWith(".gz")) {
    yield* readChunks(path);
    return;
  }
  const packed = Readable.from(readChunks(path));
  const plain = createGunzip();
  packed.on("error", (error) => plain.destroy(error));
  try {
    yield* packed.pipe(plain) as AsyncIterable<Buffer>;
  } catch (cause) {
    if (cause instanceof AutodidactError) throw cause;
    throw new AutodidactError(
      "BAD_INPUT",
      `${path} cannot be unpacked: ${messageOf(cause)}. Download it again, or give the unpacked file.`,
      { path },
      { cause },
    );
  }
}
