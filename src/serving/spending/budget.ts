/**
 * @file Hard limits on money, tokens and requests.
 *
 * Before a request is sent, the most it can cost is set aside; when its answer
 * comes, what it did cost takes that place. A request that could cross a limit is
 * not sent: it waits for those in flight to give back what they did not need, and
 * when none is left the budget is spent. So a limit is never crossed, provided
 * that the endpoint keeps to the maximum of tokens it is given. One budget serves
 * all endpoints of a run.
 */
import { AutodidactError } from "../../foundation/error.js";
import { formatMoney } from "../../text/money.js";
import { costOf } from "./prices.js";
import type { Price, TokenCounts } from "./prices.js";

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
  /** The answer came: this is what it used. Returns its cost in micros. */
  settle(used: TokenCounts): number;
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
  #exhausted: AutodidactError | undefined;
  #waiting: (() => void)[] = [];

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
   * where that helps.
   * @throws BUDGET when a limit would be crossed
   */
  async reserve(price: Price, atMost: TokenCounts): Promise<Reservation> {
    const share = {
      requests: 1,
      tokens: atMost.promptTokens + atMost.completionTokens,
      costMicros: costOf(price, { ...atMost, cachedPromptTokens: 0 }),
    };
    while (this.#exhausted === undefined) {
      const crossed = this.#crossedBy(share);
      if (crossed === undefined) return this.#setAside(price, share);
      if (this.#inFlight === 0) {
        this.#exhausted = crossed;
        this.#wake();
        break;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    throw this.#exhausted;
  }

  #setAside(price: Price, share: Spending): Reservation {
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
      settle: (used) => {
        const costMicros = costOf(price, used);
        settleAs(used.promptTokens + used.completionTokens, costMicros);
        return costMicros;
      },
      release: () => {
        settleAs(0, 0);
      },
      forfeit: () => {
        settleAs(share.tokens, share.costMicros);
      },
    };
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
        flag: "--max-requests",
      });
    if (maxTokens !== undefined && total.tokens > maxTokens)
      return this.#limitError({
        limit: `${maxTokens} tokens`,
        spent: `${this.#spent.tokens}`,
        next: `${share.tokens}`,
        flag: "--max-tokens-total",
      });
    if (maxCostMicros !== undefined && total.costMicros > maxCostMicros)
      return this.#limitError({
        limit: formatMoney(maxCostMicros),
        spent: formatMoney(this.#spent.costMicros),
        next: formatMoney(share.costMicros),
        flag: "--max-cost",
      });
    return undefined;
  }

  #limitError(facts: {
    readonly limit: string;
    readonly spent: string;
    readonly next?: string;
    readonly flag: string;
  }): AutodidactError {
    const next =
      facts.next === undefined
        ? ""
        : ` and the next request may use ${facts.next}`;
    return new AutodidactError(
      "BUDGET",
      `The limit of ${facts.limit} is reached: ${facts.spent} are spent${next}. Everything bought is kept; run the same command with a higher ${facts.flag} to go on.`,
      {
        flag: facts.flag,
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

function add(
  total: { requests: number; tokens: number; costMicros: number },
  share: Spending,
  sign: 1 | -1,
): void {
  total.requests += sign * share.requests;
  total.tokens += sign * share.tokens;
  total.costMicros += sign * share.costMicros;
}
