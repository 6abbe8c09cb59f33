/**
 * @file Seed tasks from whatever file a user has: the seed task format, Alpaca
 * or chat messages, each as JSON Lines or as one JSON array. The format is told by the
 * first row.
 */
import { readPlacedAlpaca } from "./alpaca.js";
import { MESSAGES_FORMAT, readPlacedMessages } from "./chat-messages.js";
import { alpacaToSeed, messagesToAlpaca } from "./convert.js";
import { emptyFileError, rowError } from "./field-errors.js";
import type { AlpacaRow, SeedTask } from "./instruction-records.js";
import { readRowFile, type PlacedRow, type RowFile } from "./rows.js";
import {
  distinctSeeds,
  instructionKey,
  readSeedTasks,
  SEED_FORMAT,
} from "./seed-tasks.js";

/**
 * Reads `path` as seed tasks, whatever its format. Rows without an id get one from
 * their place in the file.
 * @throws BAD_INPUT naming file, line, field and remedy
 */
export async function readSeedFile(path: string): Promise<readonly SeedTask[]> {
  const file = await readRowFile(path);
  const [first] = file.values;
  if (first === undefined) throw emptyFileError(path, SEED_FORMAT);
  const { line, value } = first;
  const has = (field: string): boolean =>
    value !== null && typeof value === "object" && field in value;
  if (has("instances")) return readSeedTasks(file);
  if (has("messages")) return fromMessages(file);
  if (has("instruction")) return fromAlpaca(await readPlacedAlpaca(file));
  throw rowError(
    { path, line },
    "this is no known format of seed tasks: there is no field “instances”, “instruction” or “messages”",
    `A seed task looks like ${SEED_FORMAT.example}.`,
  );
}

/**
 * A row each is an instance; rows of one instruction with different inputs are one
 * task. The same instruction with the same input again is a repeated task.
 */
function fromAlpaca(
  rows: readonly PlacedRow<AlpacaRow>[],
): readonly SeedTask[] {
  const tasks: PlacedRow<SeedTask>[] = [];
  const places = new Map<string, number>();
  rows.forEach(({ path, line, row }, index) => {
    const task = alpacaToSeed(row, seedId(index));
    const key = instructionKey(task.instruction);
    const place = places.get(key);
    const earlier = place === undefined ? undefined : tasks[place];
    const repeated = earlier?.row.instances.some(
      ({ input }) => input === row.input,
    );
    if (place === undefined || earlier === undefined || repeated === true) {
      places.set(key, place ?? tasks.length);
      tasks.push({ path, line, row: task });
      return;
    }
    const instances = [...earlier.row.instances, ...task.instances];
    tasks[place] = { ...earlier, row: { ...earlier.row, instances } };
  });
  return distinctSeeds(tasks);
}

async function fromMessages(file: RowFile): Promise<readonly SeedTask[]> {
  const { path } = file;
  const rows = await readPlacedMessages(file);
  return fromAlpaca(
    rows.map(({ line, row }) => {
      const exchange = messagesToAlpaca(row);
      if (exchange === undefined) {
        throw rowError(
          { path, line },
          "the conversation has no user message followed by an assistant message",
          `A seed task needs both: ${MESSAGES_FORMAT.example}.`,
          "messages",
        );
      }
      return { path, line, row: exchange };
    }),
  );
}

function seedId(index: number): string {
  return `seed_${index + 1}`;
}
