/**
 * @file The bootstrapping loop (section 2.2 of the paper): the model is shown
 * instructions of the pool, its new ones are filtered, the good ones join the pool.
 *
 * Several requests are in flight, yet the result is the one of a fixed order:
 * request i is shown the pool as all but the last few answers before it left it
 * (`bootstrapLag`), and answers are committed in the order of their requests.
 * Everything that is committed is in the ledger; a run that goes on walks through the
 * same requests again, finds their answers kept, and writes the same rows.
 *
 * A request that fails for something that may pass ends the process, not the stage:
 * whatever was put in its place would change all that follows.
 */
import {
  INSTRUCTION_STAGE,
  REFUSED,
  type EndReason,
} from "../../instruct/stages.js";
import type { Stage } from "../../ledger/stage.js";
import type { Reply } from "./author.js";
import { answersSeen, bootstrapLag } from "../../instruct/bootstrap-lag.js";
import type { InstructionFilter } from "../../instruct/instruction-filter.js";
import {
  type FilteredPiece,
  type RejectionRule,
} from "../../instruct/instruction-filter.js";
import { orderedWindow } from "../../instruct/ordered-window.js";
import type { InstructContext } from "./instruct-context.js";
import {
  countsOf,
  runStage,
  stageProgress,
  stopIfAsked,
  type Tally,
} from "../run/run-stage.js";
import {
  filterFor,
  modelSource,
  replyResult,
  type InstructionSource,
} from "./instruction-source.js";
import type { SeedRows } from "./seed-stage.js";
import { firstRequests } from "../../recipes/instruct.js";
import { defined } from "../../foundation/defined.js";

export interface InstructionStageOutput {
  readonly stop: EndReason;
  readonly requests: number;
}

export interface AcceptedInstruction {
  /** Row in the `prompts` table. */
  readonly rowId: number;
  readonly instruction: string;
}

/** What is told while the stage runs. */
export interface YieldReport {
  readonly requests: number;
  readonly accepted: number;
  readonly wanted: number;
}

/** First answers of which one must be readable, or the run stops. */
const UNREADABLE_REQUESTS = 12;
/** Rules under which there is nothing to judge in an answer. */
const UNREADABLE: ReadonlySet<RejectionRule> = new Set<RejectionRule>([
  "no-structure",
  "empty-answer",
  "reasoning",
  "preamble",
  "blank-item",
]);

/** Runs the loop; gives the accepted instructions in order of acceptance. */
export async function instructionStage(
  context: InstructContext,
  seedRows: SeedRows,
  options: {
    readonly source?: InstructionSource;
    readonly onYield?: (report: YieldReport) => void;
  } = {},
): Promise<{
  readonly instructions: readonly AcceptedInstruction[];
  readonly output: InstructionStageOutput;
}> {
  const { author, prompts } = context;
  const { stage, output } = await runStage<InstructionStageOutput>(context, {
    name: INSTRUCTION_STAGE,
    title: "New instructions are written",
    inputs: { model: author.identity, prompts: prompts.id },
    work: (opened) =>
      new InstructionLoop({
        context,
        stage: opened,
        seedRows,
        ...options,
      }).run(),
  });
  return {
    output,
    instructions: [...stage.read("prompts")].map((row) => ({
      rowId: row.id,
      instruction: row.text,
    })),
  };
}

interface Asked {
  readonly examples: readonly string[];
  /** Undefined when there is no such request; null when the endpoint refused it before. */
  readonly reply: Reply | undefined | null;
}

class InstructionLoop {
  readonly #context: InstructContext;
  readonly #stage: Stage;
  readonly #filter: InstructionFilter;
  readonly #source: InstructionSource;
  readonly #onYield: ((report: YieldReport) => void) | undefined;
  readonly #modelRow: number;
  /** Ledger rows of pool members by their text. */
  readonly #origins: Map<
    string,
    { readonly seedTaskId: number } | { readonly sourcePromptId: number }
  >;
  /** Machine-made instructions in the pool after each commit. */
  readonly #sizes: number[] = [];
  readonly #tally: Tally = { accepted: 0, rejected: 0, failed: 0 };
  /** Requests in a row that gave nothing new. */
  #fruitless = 0;
  /** Some answer had an instruction in it, good or bad. */
  #readable = false;
  #ended = false;

  constructor(parts: {
    readonly context: InstructContext;
    readonly stage: Stage;
    readonly seedRows: SeedRows;
    readonly source?: InstructionSource;
    readonly onYield?: (report: YieldReport) => void;
  }) {
    const { context, stage, seedRows } = parts;
    this.#context = context;
    this.#stage = stage;
    this.#filter = filterFor(context);
    this.#source = parts.source ?? modelSource(context, this.#filter);
    this.#onYield = parts.onYield;
    this.#modelRow = seedRows.modelRow;
    this.#origins = new Map(
      context.seeds.map((seed, index) => [
        seed.instruction,
        { seedTaskId: seedRows.seedRows[index] ?? 0 },
      ]),
    );
  }

  async run(): Promise<{
    readonly counts: ReturnType<typeof countsOf>;
    readonly output: InstructionStageOutput;
  }> {
    const { settings } = this.#context;
    await orderedWindow<Asked>({
      lag: (index) => bootstrapLag(index, settings.inFlight),
      start: (index) => (this.#wantsMore(index) ? this.#ask(index) : undefined),
      commit: (index, asked) => {
        this.#commit(index, asked);
      },
    });
    const requests = this.#sizes.length;
    return {
      counts: countsOf(this.#tally),
      output: { stop: this.#stopReason(), requests },
    };
  }

  #stopReason(): EndReason {
    if (this.#filter.full) return "accepted";
    if (this.#ended) return "end-of-record";
    return this.#readable ? "barren" : "unreadable";
  }

  /**
   * Depends on committed answers alone. No more requests are sent than the yield so
   * far makes necessary; before it is known, as many as the probe sends.
   */
  #wantsMore(index: number): boolean {
    stopIfAsked(this.#context.signal);
    const { settings } = this.#context;
    const { accept, barrenRequests } = settings;
    if (this.#ended || this.#filter.full) return false;
    if (this.#fruitless >= barrenRequests) return false;
    if (!this.#readable && index >= UNREADABLE_REQUESTS) return false;
    const committed = this.#sizes.length;
    const inFlight = index - committed;
    if (inFlight === 0) return true;
    const first = firstRequests(settings);
    if (committed < first) return index < first;
    const perRequest = this.#filter.accepted / committed;
    if (perRequest === 0) return inFlight < committed;
    return this.#filter.accepted + inFlight * perRequest < accept;
  }

  async #ask(index: number): Promise<Asked> {
    const { inFlight } = this.#context.settings;
    const visible = this.#sizes[answersSeen(index, inFlight) - 1] ?? 0;
    const examples = this.#source.examples(index, visible);
    const refused = this.#stage.find("rejections", refusalKey(index));
    return {
      examples,
      reply:
        refused === undefined
          ? replyResult(index, await this.#source.ask(index, examples))
          : null,
    };
  }

  #commit(index: number, { examples, reply }: Asked): void {
    const { ledger, settings, emit } = this.#context;
    if (reply === undefined) {
      this.#ended = true;
      return;
    }
    const before = this.#filter.accepted;
    ledger.transaction(() => {
      if (reply === null) this.#tally.failed++;
      else if ("refusal" in reply) this.#recordRefusal(index, reply.refusal);
      else {
        const { text, finishReason } = reply.completion;
        const parsed = this.#context.prompts.readInstructions({
          text,
          finishReason,
        });
        const pieces = this.#filter.filter(parsed);
        this.#readable ||= pieces.some(
          (piece) => piece.accepted || !UNREADABLE.has(piece.rule),
        );
        pieces.forEach((piece, place) => {
          this.#record({ index, place, piece, examples });
        });
      }
      this.#stage.progress(countsOf(this.#tally));
    });
    const accepted = this.#filter.accepted;
    this.#sizes.push(accepted);
    this.#fruitless = accepted > before ? 0 : this.#fruitless + 1;
    emit(
      stageProgress(this.#stage, [accepted, settings.accept], "instructions"),
    );
    this.#onYield?.({
      requests: this.#sizes.length,
      accepted,
      wanted: settings.accept,
    });
  }

  #recordRefusal(
    index: number,
    refusal: { readonly code: string; readonly message: string },
  ): void {
    this.#tally.failed++;
    this.#stage.insert("rejections", [
      {
        key: refusalKey(index),
        subject: "request",
        rule: REFUSED,
        evidence: {
          request: index,
          code: refusal.code,
          message: refusal.message,
        },
      },
    ]);
  }

  #record(entry: {
    readonly index: number;
    readonly place: number;
    readonly piece: FilteredPiece;
    readonly examples: readonly string[];
  }): void {
    const { index, place, piece, examples } = entry;
    const key = `request-${index}/${place}`;
    if (piece.accepted) {
      this.#tally.accepted++;
      const [rowId = 0] = this.#stage.insertPrompts([
        {
          key,
          text: piece.instruction,
          instruction: piece.instruction,
          origin: "generated",
          modelId: this.#modelRow,
          evidence: {
            request: index,
            ...defined({ nearest: piece.nearest }),
          },
          sources: examples.flatMap(
            (example) => this.#origins.get(example) ?? [],
          ),
        },
      ]);
      this.#origins.set(piece.instruction, { sourcePromptId: rowId });
      return;
    }
    this.#tally.rejected++;
    this.#stage.insert("rejections", [
      {
        key,
        subject: "instruction",
        text: piece.text,
        rule: piece.rule,
        evidence: {
          request: index,
          ...defined({ found: piece.evidence }),
          ...(piece.nearest === undefined
            ? {}
            : { nearest: piece.nearest.instruction }),
        },
        ...this.#nearestRow(piece),
      },
    ]);
  }

  #nearestRow(piece: FilteredPiece): {
    readonly nearestTable?: "seed_tasks" | "prompts";
    readonly nearestId?: number;
    readonly score?: number;
  } {
    if (piece.nearest === undefined) return {};
    const { instruction, score } = piece.nearest;
    const origin = this.#origins.get(instruction);
    if (origin === undefined) return { score };
    return "seedTaskId" in origin
      ? { nearestTable: "seed_tasks", nearestId: origin.seedTaskId, score }
      : { nearestTable: "prompts", nearestId: origin.sourcePromptId, score };
  }
}

function refusalKey(index: number): string {
  return `request-${index}/refused`;
}
