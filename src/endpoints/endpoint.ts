/**
 * @file An OpenAI-compatible endpoint as a `LanguageModel`.
 *
 * Every sample is looked up before it is bought and kept before it is returned
 * (`SampleMemory`); sending, repeating and paying is the `Caller`'s. When a batch
 * fails or is interrupted, nothing new is sent, what is in flight is waited for
 * and kept, and only then does the failure come out: nothing paid for is lost.
 * Sample i of a request is asked for with the seed of (seed, i); whether that makes
 * the answer repeatable is up to the server, the store makes it so in any case.
 */
import { defined } from "../foundation/defined.js";
import { systemClock } from "../foundation/clock.js";
import type { Clock } from "../foundation/clock.js";
import { randomStream } from "../foundation/random.js";
import type {
  Completion,
  CompletionScore,
  GenerateOptions,
  GenerationRequest,
  LanguageModel,
  OptionsRequest,
  ScoreRequest,
} from "../generation/language-model.js";
import { Acquaintance } from "./acquaintance.js";
import { Admission, DEFAULT_ADMISSION } from "./transport/admission.js";
import { AnswerTimes, DEFAULT_ANSWER_TIMES } from "./transport/answer-times.js";
import { openAccess } from "./transport/access.js";
import type { Environment } from "./transport/api-key.js";
import { DIALECTS, dialectAt } from "./dialects/dialect.js";
import type { DialectName } from "./dialects/dialect.js";
import { SpokenBody, thoughtTokens } from "./dialects/spoken-body.js";
import { Budget, priceUnknown } from "./spending/budget.js";
import { Caller } from "./transport/caller.js";
import type { RequestGroup } from "./transport/request-group.js";
import type { CallCounts, EndpointTrouble } from "./transport/caller.js";
import { SampleMemory } from "../answers/sample-memory.js";
import type { AnswerStore } from "../answers/answer-store.js";
import {
  identityOf,
  parseBaseUrl,
  showUrl,
} from "./transport/endpoint-settings.js";
import type { EndpointSettings } from "./transport/endpoint-settings.js";
import { runBatch } from "./batch.js";
import { optionLogprobs } from "./option-logprobs.js";
import { Purchases } from "./purchases.js";
import type { Price, PriceTable } from "./spending/prices.js";
import { completionOf } from "./samples.js";
import { scoreCompletion } from "./scoring.js";
import { isLoopback } from "./transport/proxy.js";
import { openTransport } from "./transport/transport.js";

export interface EndpointParts {
  /** Where answers are kept; without one nothing is. */
  readonly store?: AnswerStore;
  /** Name of the recording when nothing may be bought, for error messages. */
  readonly replayOf?: string;
  /** Shared by all endpoints of a run; no limits when absent. */
  readonly budget?: Budget;
  readonly prices?: PriceTable;
  /** `process.env` when absent. */
  readonly environment?: Environment;
  readonly clock?: Clock;
  /** Of the jitter between attempts; answers do not depend on it. */
  readonly seed?: number;
  /** Told when the endpoint is away or overloaded and everybody waits for it. */
  readonly onTrouble?: (trouble: EndpointTrouble) => void;
  /** Told once of each thing that the server does in its own way. */
  readonly onNotice?: (notice: string) => void;
}

export interface EndpointStatus extends CallCounts {
  /** Requests allowed at once now. */
  readonly concurrency: number;
  /** Purchases found in the store instead of being bought. */
  readonly reused: number;
  /** What the endpoint last did wrong. */
  readonly lastFailure?: string;
}

export interface ServedModel extends LanguageModel {
  optionLogprobs(
    requests: readonly OptionsRequest[],
    options?: GenerateOptions,
  ): Promise<readonly (readonly number[])[]>;
  status(): EndpointStatus;
  /** Closes the connections; requests in flight fail. */
  close(): Promise<void>;
}

const DEFAULT_ATTEMPTS = 5;
const DEFAULT_PATIENCE_MS = 600_000;

/**
 * @throws USAGE for an address or key that cannot be right, or when money is
 *   limited and the model has no price
 */
export function openEndpoint(
  settings: EndpointSettings,
  parts: EndpointParts = {},
): ServedModel {
  const baseUrl = parseBaseUrl(settings.baseUrl);
  const clock = parts.clock ?? systemClock;
  const environment = parts.environment ?? process.env;
  const budget = parts.budget ?? new Budget();
  const dialect = settings.dialect ?? dialectAt(baseUrl, settings.model);
  const price = priceFor(settings, dialect, {
    baseUrl,
    budget,
    prices: parts.prices,
  });
  const access = openAccess(
    { ...settings, dialect },
    { baseUrl, environment, replayed: parts.replayOf !== undefined },
  );
  const admission = new Admission({
    initial: settings.initialConcurrency ?? DEFAULT_ADMISSION.initial,
    max: settings.maxConcurrency ?? DEFAULT_ADMISSION.max,
  });
  const transport = openTransport({ baseUrl, environment, ...access });
  const spoken = new SpokenBody({ ...settings, dialect });
  const caller = new Caller({
    endpoint: showUrl(baseUrl),
    model: settings.model,
    ...defined({ keyVariable: access.keyVariable }),
    transport,
    admission,
    times: new AnswerTimes(settings.answerTimes ?? DEFAULT_ANSWER_TIMES),
    budget,
    ...defined({ price }),
    spoken,
    thoughtTokens: thoughtTokens(settings.reasoning),
    clock,
    jitter: randomStream(parts.seed ?? 0, "endpoint", showUrl(baseUrl)),
    maxAttempts: settings.maxAttempts ?? DEFAULT_ATTEMPTS,
    patienceMs: settings.patienceMs ?? DEFAULT_PATIENCE_MS,
    ...defined({ onTrouble: parts.onTrouble, onNotice: parts.onNotice }),
  });
  const memory = new SampleMemory({
    ...defined({ store: parts.store, replayOf: parts.replayOf }),
  });
  const identity = identityOf(settings, baseUrl);
  const acquaintance = new Acquaintance({
    transport,
    settings,
    dialect,
    endpoint: showUrl(baseUrl),
    spoken,
    room: caller.room,
    ...defined({ onNotice: parts.onNotice }),
  });
  return new Endpoint({
    identity,
    address: showUrl(baseUrl),
    purchases: new Purchases({
      ...{ settings, identity, memory, caller, acquaintance, spoken },
    }),
    caller,
    admission,
    memory,
    lanes: settings.maxConcurrency ?? DEFAULT_ADMISSION.max,
    close: () => transport.close(),
  });
}

/**
 * The model's price; absent where nobody knows it, and the server may yet say what it
 * charges: one that is known to do so, or any on this machine, which may be a gateway.
 */
function priceFor(
  settings: EndpointSettings,
  dialect: DialectName,
  {
    baseUrl,
    budget,
    prices,
  }: {
    readonly baseUrl: URL;
    readonly budget: Budget;
    readonly prices: PriceTable | undefined;
  },
): Price | undefined {
  const price = prices?.priceOf(settings.model);
  const mayTell =
    DIALECTS[dialect].tellsCost === true || isLoopback(baseUrl.hostname);
  if (price === undefined && budget.limitsMoney && !mayTell)
    throw priceUnknown(settings.model);
  return price;
}

interface EndpointMembers {
  readonly identity: string;
  readonly address: string;
  readonly purchases: Purchases;
  readonly caller: Caller;
  readonly admission: Admission;
  readonly memory: SampleMemory;
  /** Requests of one batch that are worked on side by side. */
  readonly lanes: number;
  readonly close: () => Promise<void>;
}

class Endpoint implements ServedModel {
  readonly identity: string;
  readonly #members: EndpointMembers;

  constructor(members: EndpointMembers) {
    this.identity = members.identity;
    this.#members = members;
  }

  async generate(
    requests: readonly GenerationRequest[],
    options: GenerateOptions = {},
  ): Promise<readonly (readonly Completion[])[]> {
    return this.#batch(requests, options, (request, group) =>
      this.#complete(request, group),
    );
  }

  async score(
    requests: readonly ScoreRequest[],
    options: GenerateOptions = {},
  ): Promise<readonly CompletionScore[]> {
    return this.#batch(requests, options, (request, group) =>
      scoreCompletion(this.#members.purchases, request, group),
    );
  }

  async optionLogprobs(
    requests: readonly OptionsRequest[],
    options: GenerateOptions = {},
  ): Promise<readonly (readonly number[])[]> {
    return this.#batch(requests, options, (request, group) =>
      optionLogprobs(this.#members.purchases, request, group),
    );
  }

  status(): EndpointStatus {
    const { caller, admission, memory } = this.#members;
    return {
      ...caller.counts,
      concurrency: admission.limit,
      reused: memory.reused,
      ...defined({ lastFailure: caller.lastFailure }),
    };
  }

  close(): Promise<void> {
    return this.#members.close();
  }

  #batch<Request, Result>(
    requests: readonly Request[],
    options: GenerateOptions,
    work: (request: Request, group: RequestGroup) => Promise<Result>,
  ): Promise<readonly Result[]> {
    const { caller, lanes } = this.#members;
    return runBatch({ caller, requests, lanes, options, work });
  }

  async #complete(
    request: GenerationRequest,
    group: RequestGroup,
  ): Promise<readonly Completion[]> {
    const samples = await this.#members.purchases.samples(request, group);
    return samples.map((sample) => completionOf(sample, this.#members.address));
  }
}
