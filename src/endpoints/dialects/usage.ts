/**
 * @file What a server says was used and charged, in its own words, read at its highest.
 *
 * Servers disagree about what `completion_tokens` holds: some leave out what was
 * thought, so that only the total or `reasoning_tokens` tells. A limit must hold all
 * the same, so of several readings the highest counts:
 * out = max(completion + reasoning outside of it, total − prompt).
 * Numbers that cannot be (negative, not finite, 0 for a text) count as not said.
 */
import { member, numeric } from "./json.js";
import { defined } from "../../foundation/defined.js";

export interface SaidUsage {
  readonly promptTokens?: number;
  /** Of the prompt, what the server had in its cache; never more than the prompt. */
  readonly cachedPromptTokens: number;
  /** All that was generated, thoughts included. */
  readonly completionTokens?: number;
  /** Of them, those that the server does not count as completion, whatever the maximum was. */
  readonly outsideTokens?: number;
  readonly totalTokens?: number;
  /** What was charged, millionths of a dollar. */
  readonly costMicros?: number;
}

type Path = readonly string[];

/** Where each count stands: OpenAI's place first, then what others call it. */
const PLACES = {
  prompt: [
    ["prompt_tokens"],
    ["input_tokens"],
    ["promptTokenCount"],
    ["prompt_eval_count"],
  ],
  completion: [
    ["completion_tokens"],
    ["output_tokens"],
    ["candidatesTokenCount"],
    ["generated_tokens"],
    ["eval_count"],
  ],
  total: [["total_tokens"], ["totalTokenCount"]],
  reasoning: [
    ["completion_tokens_details", "reasoning_tokens"],
    ["output_tokens_details", "reasoning_tokens"],
    ["reasoning_tokens"],
    ["thoughtsTokenCount"],
  ],
  cached: [
    ["prompt_tokens_details", "cached_tokens"],
    ["input_tokens_details", "cached_tokens"],
    ["prompt_cache_hit_tokens"],
    ["cachedContentTokenCount"],
    ["cached_tokens"],
    ["cache_read_input_tokens"],
  ],
} as const satisfies Record<string, readonly Path[]>;

/** Anthropic's `input_tokens` leave these out; where others have them, they are in `prompt_tokens`. */
const BESIDE_INPUT: readonly Path[] = [
  ["cache_read_input_tokens"],
  ["cache_creation_input_tokens"],
];

/** Dollars that were charged: OpenRouter, Perplexity, DeepInfra. */
const COSTS: readonly Path[] = [
  ["cost"],
  ["cost", "total_cost"],
  ["total_cost"],
  ["estimated_cost"],
];

/** Headers with the dollars of one answer. */
const COST_HEADERS = ["x-litellm-response-cost", "x-response-cost"] as const;

/** xAI counts ten thousand millionths of a dollar's hundredth: 10¹⁰ to the dollar. */
const TICKS_A_MICRO = 10_000;

/**
 * What the `usage` of a body says; undefined where it says nothing.
 * @param body some say the charge beside `usage`
 */
export function readUsage(
  usage: unknown,
  body?: unknown,
): SaidUsage | undefined {
  const count = (paths: readonly Path[]): number | undefined => {
    const said = paths
      .map((path) => numeric(member(usage, ...path)))
      .find((number) => number !== undefined && number > 0);
    return said === undefined ? undefined : Math.ceil(said);
  };
  const beside =
    count([["prompt_tokens"]]) === undefined
      ? BESIDE_INPUT.reduce((sum, path) => sum + (count([path]) ?? 0), 0)
      : 0;
  const input = count(PLACES.prompt);
  const prompt =
    input === undefined && beside === 0 ? undefined : (input ?? 0) + beside;
  const total = count(PLACES.total);
  const said = count(PLACES.completion);
  const completion = generated({
    completion: said,
    reasoning: count(PLACES.reasoning) ?? 0,
    rest: total === undefined ? undefined : total - (prompt ?? total),
    totalTold: total !== undefined,
  });
  const cost = highest(costIn(usage), costIn(body));
  if ((prompt ?? total ?? completion ?? cost) === undefined) return undefined;
  return {
    ...defined({ promptTokens: prompt }),
    cachedPromptTokens: Math.min(count(PLACES.cached) ?? 0, prompt ?? 0),
    ...defined({ completionTokens: completion }),
    ...(completion === undefined || said === undefined || completion === said
      ? {}
      : { outsideTokens: completion - said }),
    ...defined({ totalTokens: total, costMicros: cost }),
  };
}

function generated({
  completion,
  reasoning,
  rest,
  totalTold,
}: {
  readonly completion: number | undefined;
  readonly reasoning: number;
  readonly rest: number | undefined;
  readonly totalTold: boolean;
}): number | undefined {
  // More thoughts than completion, or no total that has them inside: they are outside.
  const outside = !totalTold || reasoning > (completion ?? 0) ? reasoning : 0;
  const most = Math.max((completion ?? 0) + outside, rest ?? 0);
  return most > 0 ? most : undefined;
}

function costIn(usage: unknown): number | undefined {
  const dollars = COSTS.map((path) => numeric(member(usage, ...path))).find(
    (number) => number !== undefined,
  );
  // With one's own key the provider charges besides; else it is what the cost is made of.
  const upstream = numeric(
    member(usage, "cost_details", "upstream_inference_cost"),
  );
  const ownKey = member(usage, "is_byok") === true;
  const ticks = numeric(member(usage, "cost_in_usd_ticks"));
  const inMicros = (dollars: number | undefined) =>
    dollars === undefined ? undefined : micros(dollars);
  const said =
    ownKey && upstream !== undefined
      ? micros((dollars ?? 0) + upstream)
      : highest(inMicros(dollars), inMicros(upstream));
  return highest(
    said,
    ticks === undefined ? undefined : Math.ceil(ticks / TICKS_A_MICRO),
  );
}

/** What the headers of an answer say it cost, millionths of a dollar. */
export function costInHeaders(
  headers: Readonly<Record<string, string>>,
): number | undefined {
  return COST_HEADERS.map((name) => numeric(headers[name]))
    .map((dollars) => (dollars === undefined ? undefined : micros(dollars)))
    .reduce(highest, undefined);
}

/** The higher of two readings; a negative one is none. */
export function highest(
  one: number | undefined,
  other: number | undefined,
): number | undefined {
  const said = [one, other].filter(
    (number) => number !== undefined && number >= 0,
  ) as readonly number[];
  return said.length === 0 ? undefined : Math.max(...said);
}

/** Rounded up, but not for what binary fractions add: 0.01 dollars are 10,000. */
function micros(dollars: number): number {
  return Math.ceil(Number((dollars * 1e6).toFixed(3)));
}
