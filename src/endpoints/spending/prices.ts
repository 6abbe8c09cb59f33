/**
 * @file What a token costs: tables that the user can edit, and exact arithmetic.
 *
 * A table is YAML: model names (a `*` at the end stands for any ending) with dollars
 * for a million tokens. Money is counted in whole millionths of a dollar; the cost
 * of a request is computed in integers and rounded up, so nothing is lost to
 * floating point and no limit is crossed by rounding. It knows no current price: a
 * table says when it was true.
 */
import { z } from "zod";
import { AutodidactError } from "../../foundation/error.js";
import { readChunks } from "../../foundation/json-lines.js";
import { parseMoney } from "../../text/money.js";
import { readYaml } from "../../text/yaml.js";

/** Millionths of a dollar for a million tokens. */
export interface Price {
  readonly input: number;
  /** Input that the endpoint had in its own cache. */
  readonly cachedInput: number;
  readonly output: number;
}

export interface TokenCounts {
  readonly promptTokens: number;
  readonly cachedPromptTokens: number;
  readonly completionTokens: number;
}

const MILLION = 1_000_000n;

/** Millionths of a dollar, rounded up. */
export function costOf(price: Price, tokens: TokenCounts): number {
  const { promptTokens, completionTokens } = tokens;
  const cached = Math.min(tokens.cachedPromptTokens, promptTokens);
  const total =
    BigInt(promptTokens - cached) * BigInt(price.input) +
    BigInt(cached) * BigInt(price.cachedInput) +
    BigInt(completionTokens) * BigInt(price.output);
  return Number((total + MILLION - 1n) / MILLION);
}

const money = z.union([z.number(), z.string()]).transform((value, context) => {
  const micros = parseMoney(String(value));
  if (micros !== undefined) return micros;
  context.addIssue({
    code: "custom",
    message: `"${value}" is not an amount of dollars such as 0.15`,
  });
  return z.NEVER;
});

const tableShape = z.strictObject({
  models: z.record(
    z.string(),
    z.strictObject({
      input: money,
      cachedInput: money.optional(),
      output: money,
    }),
  ),
});

export class PriceTable {
  readonly #prices: ReadonlyMap<string, Price>;

  /** @param prices by model name, or the beginning of one followed by `*` */
  constructor(prices: ReadonlyMap<string, Price>) {
    this.#prices = prices;
  }

  /** The price of the model: its own line, else the longest matching `*` line. */
  priceOf(model: string): Price | undefined {
    const exact = this.#prices.get(model);
    if (exact !== undefined) return exact;
    let best: { readonly length: number; readonly price: Price } | undefined;
    for (const [pattern, price] of this.#prices) {
      if (!pattern.endsWith("*")) continue;
      const length = pattern.length - 1;
      if (!model.startsWith(pattern.slice(0, -1))) continue;
      if (best === undefined || length > best.length) best = { length, price };
    }
    return best?.price;
  }

  /** This table with the lines of another, which win. */
  overriddenBy(other: PriceTable): PriceTable {
    return new PriceTable(new Map([...this.#prices, ...other.#prices]));
  }
}

/** Reads a table; "-" is standard input. @throws BAD_INPUT with the file and the place */
export async function readPriceTable(path: string): Promise<PriceTable> {
  const text = await readText(path);
  const yaml = readYaml(text);
  if ("fault" in yaml) {
    const { line, reason } = yaml.fault;
    throw badTable(
      path,
      line === undefined ? reason : `line ${line}: ${reason}`,
    );
  }
  const parsed = tableShape.safeParse(yaml.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw badTable(
      path,
      `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`,
      parsed.error,
    );
  }
  return new PriceTable(
    new Map(
      Object.entries(parsed.data.models).map(([model, price]) => [
        model,
        { ...price, cachedInput: price.cachedInput ?? price.input },
      ]),
    ),
  );
}

async function readText(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readChunks(path)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function badTable(
  path: string,
  problem: string,
  cause?: unknown,
): AutodidactError {
  return new AutodidactError(
    "BAD_INPUT",
    `The price table ${path} cannot be used: ${problem}. Expected "models:" with, for each model, "input" and "output" in dollars for a million tokens.`,
    { path },
    { cause },
  );
}
