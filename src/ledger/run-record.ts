/**
 * @file What a run was made with, and the refusal to go on with anything else.
 *
 * The first opening records recipe, seed and environment; every later one must
 * bring the same recipe and seed. The environment may change and is recorded
 * once per process.
 */
import { hostname } from "node:os";
import { type Clock, timestamp } from "../foundation/clock.js";
import { AutodidactError } from "../foundation/error.js";
import { hashOf } from "../foundation/hash.js";
import { decodeJson, encodeJson, integerCodec } from "./codecs.js";
import type { LedgerDatabase } from "./database.js";
import { describeDifference, formatDifferences } from "./difference.js";

/** Where and with what a process worked. Versions are as the packages state them. */
export interface RunEnvironment {
  readonly packageVersion: string;
  readonly nodeVersion: string;
  readonly onnxruntimeVersion: string;
  /** Processor, cores, memory, operating system, in words. */
  readonly machine: string;
  /** With `-dirty` where the tree was; null outside a repository. */
  readonly gitCommit: string | null;
}

export interface RunDescription {
  /** The recipe as resolved: every key, defaults filled in. A JSON object. */
  readonly recipe: unknown;
  readonly seed: number;
  readonly environment: RunEnvironment;
}

export interface RunRecord extends RunDescription {
  readonly recipeHash: string;
  /** ISO times. */
  readonly created: string;
  readonly finished: string | null;
}

/**
 * Records the run, or checks that it is the one recorded.
 * @returns what is recorded; its environment is that of the first process
 * @throws LEDGER naming each differing key with both values
 */
export function recordRun(
  database: LedgerDatabase,
  clock: Clock,
  description: RunDescription,
): RunRecord {
  const { recipe, seed, environment } = description;
  const recipeText = encodeJson(recipe, "runs.recipe");
  const environmentText = encodeJson(environment, "runs.environment");
  database.transaction(() => {
    database.run(
      `INSERT INTO runs (id, recipe, recipe_hash, seed, environment, created)
       VALUES (1, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
      [
        recipeText,
        hashOf(recipe),
        integerCodec.encode(seed, "runs.seed"),
        environmentText,
        timestamp(clock),
      ],
    );
    database.run(
      "UPDATE processes SET environment = ? WHERE id = (SELECT max(id) FROM processes)",
      [environmentText],
    );
  });
  const recorded = readRun(database) as RunRecord;
  if (recorded.recipeHash !== hashOf(recipe) || recorded.seed !== seed) {
    throw differentRun(database.path, recorded, description);
  }
  return recorded;
}

/** The recorded run; undefined before the first process has described it. */
export function readRun(database: LedgerDatabase): RunRecord | undefined {
  const stored = database.first("SELECT * FROM runs WHERE id = 1");
  if (stored === undefined) return undefined;
  return {
    recipe: decodeJson(stored["recipe"] ?? null, "runs.recipe"),
    recipeHash: String(stored["recipe_hash"]),
    seed: Number(stored["seed"]),
    environment: decodeJson(
      stored["environment"] ?? null,
      "runs.environment",
    ) as RunEnvironment,
    created: String(stored["created"]),
    finished:
      typeof stored["finished"] === "string" ? stored["finished"] : null,
  };
}

/** The first finish counts; finishing a finished run again changes nothing. */
export function finishRun(database: LedgerDatabase, clock: Clock): void {
  database.run(
    "UPDATE runs SET finished = ? WHERE id = 1 AND finished IS NULL",
    [timestamp(clock)],
  );
}

/** Notes that this process works on the ledger, so that another one can say who holds it. */
export function recordProcess(database: LedgerDatabase, clock: Clock): void {
  database.run("INSERT INTO processes (pid, host, opened) VALUES (?, ?, ?)", [
    process.pid,
    hostname(),
    timestamp(clock),
  ]);
}

/** The process that opened the ledger last: `process 4711 on host, since …`. */
export function describeLastProcess(
  database: LedgerDatabase,
): string | undefined {
  const stored = database.first(
    "SELECT * FROM processes ORDER BY id DESC LIMIT 1",
  );
  return stored === undefined
    ? undefined
    : `process ${String(stored["pid"])} on ${String(stored["host"])}, since ${String(stored["opened"])}`;
}

function differentRun(
  path: string,
  recorded: RunRecord,
  asked: RunDescription,
): AutodidactError {
  const inRecipe = describeDifference(recorded.recipe, asked.recipe);
  const differences = inRecipe.some(({ key }) => key === "seed")
    ? inRecipe
    : [
        ...describeDifference({ seed: recorded.seed }, { seed: asked.seed }),
        ...inRecipe,
      ];
  return new AutodidactError(
    "LEDGER",
    `The run of ${path} was made with other settings: ${formatDifferences(differences)}. Ask for the recorded values to go on with it, or choose another folder with --run-dir for a new run.`,
    { path, keys: differences.map(({ key }) => key) },
  );
}
