/**
 * @file Hard limits on money, tokens and requests.
 *
 * Before a request is sent, the most it can cost is set aside; when its answer
 * comes, what it did cost takes that place. A request that could cross a limit is
 * not sent: it waits for those in flight to give back what they did not need, and
 * when none is left the budget is spent. So a limit is never crossed, provided
 * that the endpoint keeps to the maximum of tokens it is given. What a server says
 * it charged counts where it is more than the price makes it. Where no price is
 * known and money is limited, the first request goes alone, with all the money set
 * aside: its answer tells what it cost, or nothing more is bought. One budget
 * serves all endpoints of a run.
 */
import { AutodidactError } from "../../foundation/error.js";
import { formatMoney } from "../../text/money.js";
import { costOf, type Price, type TokenCounts } from "./prices.js";

export interface BudgetLimits {
  /** Millionths of a dollar. */
  readonly maxCostMicros?: number;
  /** Prompt and completion together. */
  readonly maxTokens?: number;
  /** Requests sent, repeated ones included. */
  readonly maxRequests?: number;
}

export interface Spending {
  readonly requests: number;
  readonly tokens: number;
  readonly costMicros: number;
}

export const NOTHING_SPENT: Spending = {
  requests: 0,
  tokens: 0,
  costMicros: 0,
};

/** What was set aside for one request in flight; settled exactly once. */
export interface Reservation {
  /**
   * The answer came: this is what it used.
   * @param charged what the server says it charged, in micros
   * @returns what it cost, in micros: the higher of its price and what was charged
   */
  settle(used: TokenCounts, charged?: number): number;
  /** No answer came, and none will be charged. */
  release(): void;
  /** No answer came, but it may be charged: all that was set aside counts as spent. */
  forfeit(): void;
}

export class Budget {
  readonly #limits: BudgetLimits;
  #spent: { requests: number; tokens: number; costMicros: number };
  #reserved = { requests: 0, tokens: 0, costMicros: 0 };
  #inFlight = 0;
  /** Whether an answer told what it used. */
  #hasCounted = false;
  #exhausted: AutodidactError | undefined;
  #waiting: (() => void)[] = [];
  /** Most micros that a token cost where only the server's word tells. */
  #chargedPerToken: number | undefined;

  /** @param spent by earlier processes of the same run */
  constructor(limits: BudgetLimits = {}, spent: Spending = NOTHING_SPENT) {
    this.#limits = limits;
    this.#spent = { ...spent };
  }

  get spent(): Spending {
    return { ...this.#spent };
  }

  /** The error that stopped the spending, once a limit has been reached. */
  get exhausted(): AutodidactError | undefined {
    return this.#exhausted;
  }

  /** Whether any limit needs prices. */
  get limitsMoney(): boolean {
    return this.#limits.maxCostMicros !== undefined;
  }

  /**
   * Sets aside what one request may cost at most, waiting for others to settle
   * where that helps. Where use is limited, the first request goes alone.
   * @param price absent where it is not known
   * @param options.isFirm nothing can use more than `atMost`, as a server's thoughts may
   * @throws BUDGET when a limit would be crossed; USAGE when money is limited and
   *   neither a price nor the server tells what an answer costs
   */
  async reserve(
    price: Price | undefined,
    atMost: TokenCounts,
    { isFirm = false }: { readonly isFirm?: boolean } = {},
  ): Promise<Reservation> {
    const tokens = atMost.promptTokens + atMost.completionTokens;
    while (this.#exhausted === undefined) {
      // How much more than its maximum an answer uses (thoughts) is known from the first.
      const isGuess = !isFirm && this.#limitsUse && !this.#hasCounted;
      if (isGuess && this.#inFlight > 0) {
        await this.#settled();
        continue;
      }
      const costMicros =
        price === undefined
          ? this.#mostFor(tokens)
          : costOf(price, { ...atMost, cachedPromptTokens: 0 });
      const share = { requests: 1, tokens, costMicros };
      const crossed = this.#crossedBy(share);
      if (crossed === undefined) return this.#setAside(price, share);
      if (this.#inFlight === 0) {
        this.#stop(crossed);
        throw crossed;
      }
      await this.#settled();
    }
    throw this.#exhausted;
  }

  /** Whether any limit is on what an answer uses. */
  get #limitsUse(): boolean {
    return this.limitsMoney || this.#limits.maxTokens !== undefined;
  }

  /** Until some request in flight is settled. */
  #settled(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** What that many tokens may cost by the server's word; all that is left before its first. */
  #mostFor(tokens: number): number {
    const { maxCostMicros } = this.#limits;
    if (maxCostMicros === undefined) return 0;
    return this.#chargedPerToken === undefined
      ? Math.max(1, maxCostMicros - this.#spent.costMicros)
      : Math.ceil(tokens * this.#chargedPerToken);
  }

  #setAside(price: Price | undefined, share: Spending): Reservation {
    this.#inFlight++;
    add(this.#reserved, share, 1);
    // The request itself is spent as soon as it is sent, whatever comes of it.
    const settleAs = (tokens: number, costMicros: number): void => {
      this.#inFlight--;
      add(this.#reserved, share, -1);
      add(this.#spent, { requests: 1, tokens, costMicros }, 1);
      this.#wake();
    };
    return {
      settle: (used, charged) => {
        const tokens = used.promptTokens + used.completionTokens;
        this.#hasCounted = true;
        if (price === undefined) this.#learnCharge(tokens, charged);
        const costMicros = Math.max(
          price === undefined ? 0 : costOf(price, used),
          charged ?? 0,
        );
        settleAs(tokens, costMicros);
        return costMicros;
      },
      release: () => {
        settleAs(0, 0);
      },
      forfeit: () => {
        // Without a price there is no telling what a lost answer cost.
        settleAs(
          share.tokens,
          price === undefined && this.#chargedPerToken === undefined
            ? 0
            : share.costMicros,
        );
      },
    };
  }

  /** An answer to a request without a price: by the server's word, or nothing more is bought. */
  #learnCharge(tokens: number, charged: number | undefined): void {
    if (!this.limitsMoney) return;
    if (charged === undefined) this.#stop(priceUnknown());
    else
      this.#chargedPerToken = Math.max(
        this.#chargedPerToken ?? 0,
        charged / Math.max(1, tokens),
      );
  }

  #stop(reason: AutodidactError): void {
    this.#exhausted ??= reason;
    this.#wake();
  }

  #crossedBy(share: Spending): AutodidactError | undefined {
    const { maxCostMicros, maxTokens, maxRequests } = this.#limits;
    const total = { ...this.#spent };
    add(total, this.#reserved, 1);
    add(total, share, 1);
    if (maxRequests !== undefined && total.requests > maxRequests)
      return this.#limitError({
        limit: `${maxRequests} requests`,
        spent: `${this.#spent.requests}`,
        kind: "requests",
      });
    if (maxTokens !== undefined && total.tokens > maxTokens)
      return this.#limitError({
        limit: `${maxTokens} tokens`,
        spent: `${this.#spent.tokens}`,
        next: `${share.tokens}`,
        kind: "tokens",
      });
    if (maxCostMicros !== undefined && total.costMicros > maxCostMicros)
      return this.#limitError({
        limit: formatMoney(maxCostMicros),
        spent: formatMoney(this.#spent.costMicros),
        next: formatMoney(share.costMicros),
        kind: "money",
      });
    return undefined;
  }

  #limitError(facts: {
    readonly limit: string;
    readonly spent: string;
    readonly next?: string;
    readonly kind: "requests" | "tokens" | "money";
  }): AutodidactError {
    const next =
      facts.next === undefined
        ? ""
        : ` and the next request may use ${facts.next}`;
    return new AutodidactError(
      "BUDGET",
      `The limit of ${facts.limit} is reached: ${facts.spent} are spent${next}. Everything bought is kept; run the same command with a higher limit to go on.`,
      {
        limit: facts.kind,
        spentRequests: this.#spent.requests,
        spentTokens: this.#spent.tokens,
        spentMicros: this.#spent.costMicros,
      },
    );
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Money cannot be limited where nobody knows what an answer costs. */
export function priceUnknown(model?: string): AutodidactError {
  const whose = model === undefined ? "the model" : `"${model}"`;
  return new AutodidactError(
    "USAGE",
    `Money is limited, but the price of ${whose} is not known, and the server does not say what it charges. Give its price in a price table (--prices FILE: models: {NAME: {input: 0.5, output: 1.5}}, in dollars for a million tokens, 0 for a model that costs nothing), or limit tokens or requests instead.`,
    model === undefined ? {} : { model },
  );
}

function add(
  total: { requests: number; tokens: number; costMicros: number },
  share: Spending,
  sign: 1 | -1,
): void {
  total.requests += sign * share.requests;
  total.tokens += sign * share.tokens;
  total.costMicros += sign * share.costMicros;
}
