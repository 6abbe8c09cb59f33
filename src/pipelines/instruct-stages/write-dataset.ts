/**
 * @file The data set of a run as a folder that loads in Hugging Face `datasets`.
 *
 * Made from the ledger's rows and the settings alone: the same run gives the same
 * bytes, however often it was interrupted. Only the review is a person's.
 */
import { join } from "node:path";
import { writeAlpaca } from "../../data/formats/alpaca.js";
import { writeParquet } from "../../data/formats/parquet.js";
import { crashPoint } from "../../foundation/crash-point.js";
import { writeJsonLines } from "../../foundation/json-lines.js";
import { randomStream } from "../../foundation/random.js";
import { makeFolder, writeFileAtomic } from "../../foundation/storage.js";
import { reviewSample } from "../../instruct/data-report/review.js";
import { UNANSWERED } from "../../instruct/stages.js";
import { chatTrainingRows, trainingRows } from "../../instruct/training-set.js";
import type { LedgerReader } from "../../ledger/ledger.js";
import { datasetCard, type CardInput } from "./dataset-card.js";
import { asSeedTask, type MadeTask } from "./made-tasks.js";
import { markedReview } from "./review-table.js";

/** Rows for a person to read and mark; the paper's authors read 200. */
const REVIEW_SIZE = 200;

/**
 * Writes all files of the data set into `folder`; a review that was begun stays.
 * @throws STORAGE; BAD_INPUT for a review file that cannot be read
 */
export async function writeDataset(
  folder: string,
  made: {
    readonly tasks: readonly MadeTask[];
    readonly ledger: LedgerReader;
    readonly card: CardInput;
  },
): Promise<void> {
  const { tasks, ledger, card } = made;
  const { settings } = card;
  await makeFolder(join(folder, "data"));
  const withInstances = tasks.filter((task) => task.instances.length > 0);
  const rows = withInstances.flatMap((task) =>
    task.instances.map(({ input, output }) => ({
      id: task.id,
      instruction: task.instruction,
      input,
      output,
      is_classification: task.isClassification,
    })),
  );
  await writeJsonLines(join(folder, "data", "train.jsonl"), rows);
  if (rows.length > 0) {
    await writeParquet(join(folder, "data", "train.parquet"), rows);
  }
  await writeJsonLines(
    join(folder, "self-instruct.jsonl"),
    withInstances.map(asSeedTask),
  );
  // The format's three fields, as the card says; the others are in train.jsonl.
  await writeAlpaca(
    join(folder, "alpaca.json"),
    rows.map(({ instruction, input, output }) => ({
      instruction,
      input,
      output,
    })),
  );
  await writeJsonLines(
    join(folder, "chat.jsonl"),
    chatTrainingRows(withInstances, settings),
  );
  await writeJsonLines(
    join(folder, "training.jsonl"),
    trainingRows(withInstances, {
      language: settings.language,
      seed: settings.seed,
    }),
  );
  await writeJsonLines(join(folder, "rejected.jsonl"), rejectedRows(ledger));
  const review = join(folder, "review.jsonl");
  // What a person marked is not made anew by anything.
  if ((await markedReview(review)) === undefined) {
    await writeJsonLines(
      review,
      reviewSample(tasks, REVIEW_SIZE, randomStream(settings.seed, "review")),
    );
  }
  await writeFileAtomic(join(folder, "README.md"), datasetCard(card));
  crashPoint("dataset-written");
}

function* rejectedRows(ledger: LedgerReader): Generator<unknown> {
  for (const row of ledger.read("rejections")) {
    const { subject, text, rule, score } = row;
    const { nearest, ...found } = (row.evidence ?? {}) as {
      readonly nearest?: string;
      readonly code?: string;
    };
    // The data are passed on; what the endpoint said is in report and ledger.
    const evidence = UNANSWERED.has(rule) ? { code: found.code } : found;
    yield {
      subject,
      rule,
      text,
      // As in the rejected rows of `autodidact novelty`.
      ...(nearest === undefined
        ? {}
        : { nearest: { instruction: nearest, score } }),
      ...(Object.keys(evidence).length === 0 ? {} : { evidence }),
    };
  }
}
