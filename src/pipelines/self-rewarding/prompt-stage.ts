/**
 * @file The model writes new prompts from examples of the pool (Self-Rewarding,
 * section 2.3; filters of Self-Instruct, section 2.2).
 *
 * Requests go in batches; each batch sees the pool as the batches before left it, and
 * its answers enter in request order, so the prompts follow from recipe and seed. What
 * is refused is recorded with rule and nearest neighbour.
 */
import type {
  Completion,
  LanguageModel,
} from "../../generation/language-model.js";
import { randomStream } from "../../foundation/random.js";
import { crashPoint } from "../../foundation/crash-point.js";
import type { Stage } from "../../ledger/stage.js";
import { NoveltyIndex } from "../../novelty/novelty-index.js";
import { unicodeTokens } from "../../text/unicode-tokens.js";
import { wordTokens } from "../../text/word-tokens.js";
import { measuredPrompts } from "./loop-data.js";
import {
  derivedSeed,
  runStage,
  stopIfAsked,
  type LoopModel,
  type RunContext,
} from "./run-context.js";
import { promptRequest, seedPrompts } from "./teaching-rows.js";

export interface WrittenPrompt {
  readonly rowId: number;
  readonly text: string;
}

export interface PromptStageOutput {
  readonly written: number;
  /** Distinct texts over texts written, before any filter. */
  readonly distinct: number | null;
  /** Mean ROUGE-L of the kept prompts to their nearest pool member. */
  readonly similarity: number | null;
  readonly rejections: Readonly<Record<string, number>>;
}

/** Requests answered at once. */
const BATCH = 256;

/** Prompts of round `round`, written by `author`; earlier rounds' prompts are in the pool. */
export async function promptStage(
  context: RunContext,
  round: number,
  author: LoopModel,
): Promise<{
  readonly prompts: readonly WrittenPrompt[];
  readonly output: PromptStageOutput;
}> {
  const { recipe } = context;
  const { stage, output } = await runStage(context, {
    name: `round-${round}/prompts`,
    title: `${author.id} writes new prompts`,
    inputs: { author: author.weightHash, settings: recipe.prompts },
    work: (opened) => writePrompts(context, { stage: opened, round, author }),
  });
  const prompts = [...stage.read("prompts")].map(({ id, text }) => ({
    rowId: id,
    text,
  }));
  return { prompts, output };
}

interface Pool {
  readonly index: NoveltyIndex;
  readonly tokenize: (text: string) => string[];
  readonly texts: Set<string>;
  /** Rows an example can come from. */
  readonly seeds: readonly { readonly rowId: number; readonly text: string }[];
  readonly own: { readonly rowId: number; readonly text: string }[];
  readonly similarities: number[];
}

async function writePrompts(
  context: RunContext,
  step: {
    readonly stage: Stage;
    readonly round: number;
    readonly author: LoopModel;
  },
) {
  const { recipe, host, emit, signal } = context;
  const { stage, round, author } = step;
  const { prompts: settings } = recipe;
  const pool = openPool(context);
  const limit = Math.ceil(settings.count * settings.maxRequestsPerPrompt);
  const texts: string[] = [];
  await host.withModel(author.path, async (model) => {
    for (
      let first = 0;
      first < limit && stage.count("prompts") < settings.count;
      first += BATCH
    ) {
      stopIfAsked(signal);
      const batch = await askBatch({
        context,
        model,
        pool,
        round,
        first,
        count: Math.min(BATCH, limit - first),
      });
      context.ledger.transaction(() => {
        for (const answer of batch) {
          if (stage.count("prompts") < settings.count)
            admit({ context, stage, pool, author, answer });
        }
      });
      texts.push(...batch.map(({ completion }) => completion.text.trim()));
      crashPoint("prompts-written");
      emit({
        type: "stage-progress",
        stage: stage.name,
        done: stage.count("prompts"),
        total: settings.count,
        unit: "prompts",
      });
    }
  });
  const accepted = stage.count("prompts");
  const rejected = stage.count("rejections");
  const rejections: Record<string, number> = {};
  for (const { rule } of stage.read("rejections"))
    rejections[rule] = (rejections[rule] ?? 0) + 1;
  const mean =
    pool.similarities.reduce((sum, value) => sum + value, 0) /
    pool.similarities.length;
  return {
    counts: { requested: accepted + rejected, accepted, rejected, failed: 0 },
    output: {
      written: texts.length,
      distinct: texts.length === 0 ? null : new Set(texts).size / texts.length,
      similarity: Number.isFinite(mean) ? mean : null,
      rejections,
    },
  };
}

/** Seed prompts and everything accepted in earlier rounds. */
function openPool(context: RunContext): Pool {
  const { recipe, ledger, data } = context;
  const { prompts: settings } = recipe;
  const tokenize =
    settings.tokenizer === "unicode" ? unicodeTokens : wordTokens;
  const index = new NoveltyIndex({ threshold: settings.novelty });
  const wanted = new Set(seedPrompts(data));
  const seeds: { rowId: number; text: string }[] = [];
  for (const { id, instruction } of ledger.read("seed_tasks")) {
    if (!wanted.delete(instruction)) continue;
    seeds.push({ rowId: id, text: instruction });
    index.add(tokenize(instruction));
  }
  const own = [...ledger.read("prompts")].map(({ id, text }) => ({
    rowId: id,
    text,
  }));
  for (const { text } of own) index.add(tokenize(text));
  const texts = new Set([...seeds, ...own].map(({ text }) => text));
  return { index, tokenize, texts, seeds, own, similarities: [] };
}

interface Answer {
  readonly request: number;
  readonly seeds: Pool["seeds"];
  readonly own: Pool["own"];
  readonly completion: Completion;
}

async function askBatch(step: {
  readonly context: RunContext;
  readonly model: LanguageModel;
  readonly pool: Pool;
  readonly round: number;
  readonly first: number;
  readonly count: number;
}): Promise<Answer[]> {
  const { context, model, pool, round, first, count } = step;
  const { recipe } = context;
  const { prompts: settings } = recipe;
  const shown = Array.from({ length: count }, (_, i) => {
    const random = randomStream(
      recipe.seed,
      "round",
      round,
      "examples",
      first + i,
    );
    const own = random.sample(pool.own, settings.ownExamples);
    // Until the model has written some, seeds take the places of its own.
    const seeds = random.sample(
      pool.seeds,
      settings.seedExamples + settings.ownExamples - own.length,
    );
    const order = random.shuffle([...seeds, ...own].map(({ text }) => text));
    return { seeds, own, order };
  });
  const completions = await model.generate(
    shown.map(({ order }, i) => ({
      prompt: [
        { role: "user" as const, content: promptRequest(order, settings) },
      ],
      n: 1,
      temperature: settings.temperature,
      topP: settings.topP,
      topK: settings.topK,
      maxTokens: settings.maxTokens,
      stop: [],
      seed: derivedSeed(recipe.seed, "round", round, "prompts", first + i),
    })),
    { signal: context.signal },
  );
  return shown.map(({ seeds, own }, i) => ({
    request: first + i,
    seeds,
    own,
    completion: (completions[i] as readonly Completion[])[0] as Completion,
  }));
}

/** Takes a written prompt into the pool, or records why not. */
function admit(step: {
  readonly context: RunContext;
  readonly stage: Stage;
  readonly pool: Pool;
  readonly author: LoopModel;
  readonly answer: Answer;
}): void {
  const { context, stage, pool, author, answer } = step;
  const text = answer.completion.text.trim();
  const key = `request-${answer.request}`;
  const refusal = refuse(context, pool, answer.completion);
  if (refusal !== null) {
    stage.insert("rejections", [{ key, subject: "prompt", text, ...refusal }]);
    return;
  }
  const tokens = pool.tokenize(text);
  const nearest = pool.index.nearest(tokens);
  if (nearest !== undefined) pool.similarities.push(nearest.score);
  const [rowId = 0] = stage.insertPrompts([
    {
      key,
      text,
      origin: "generated",
      modelId: author.rowId,
      sources: [
        ...answer.seeds.map((seed) => ({ seedTaskId: seed.rowId })),
        ...answer.own.map((own) => ({ sourcePromptId: own.rowId })),
      ],
    },
  ]);
  pool.index.add(tokens);
  pool.texts.add(text);
  pool.own.push({ rowId, text });
}

interface Refusal {
  readonly rule: string;
  readonly score?: number;
  readonly evidence?: unknown;
}

function refuse(
  context: RunContext,
  pool: Pool,
  completion: Completion,
): Refusal | null {
  const { prompts: settings } = context.recipe;
  const text = completion.text.trim();
  if (completion.finishReason !== "stop") return { rule: "unfinished" };
  if (text === "") return { rule: "empty" };
  const words = text.split(/\s+/u).length;
  if (words < settings.minWords) return { rule: "too-short", score: words };
  if (words > settings.maxWords) return { rule: "too-long", score: words };
  if (text.includes(settings.separator.trim() || "\n\n"))
    return { rule: "several-tasks" };
  if (pool.texts.has(text)) return { rule: "duplicate" };
  if (heldOutOf(context).has(text)) return { rule: "held-out" };
  const decision = pool.index.probe(pool.tokenize(text), settings.novelty);
  if (decision.accepted) return null;
  return {
    rule: "not-novel",
    score: decision.nearest.score,
    evidence: { nearest: decision.nearest.id },
  };
}

const heldOutSets = new WeakMap<RunContext, Set<string>>();

function heldOutOf(context: RunContext): Set<string> {
  const known = heldOutSets.get(context);
  if (known !== undefined) return known;
  const made = measuredPrompts(context.data);
  heldOutSets.set(context, made);
  return made;
}
