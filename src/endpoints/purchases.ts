/**
 * @file Turns requests of the `LanguageModel` contract into purchases.
 *
 * It joins the three parts: what to send and under which key, the memory that
 * buys each sample once, the caller that sends. It also learns whether the
 * endpoint gives several samples for one request; many servers ignore `n`.
 */
import { sampleSeed } from "../foundation/random.js";
import { AutodidactError } from "../foundation/error.js";
import type { GenerationRequest } from "../generation/language-model.js";
import type { Prompt } from "../data/records.js";
import { parseAnswer, type ParsedAnswer } from "./transport/answer.js";
import type { AnswerKind } from "./transport/request-body.js";
import {
  finishedKey,
  requestKey,
  type ServedRequest,
} from "../answers/answer-key.js";
import type { RequestGroup } from "./transport/request-group.js";
import type { Caller } from "./transport/caller.js";
import { failureOfContent } from "./transport/failure.js";
import type { Paid } from "./transport/round-trip.js";
import { wholeAnswer } from "./transport/whole-answer.js";
import type { SampleMemory, Purchase } from "../answers/sample-memory.js";
import type { StoredAnswer } from "../answers/answer-store.js";
import type { EndpointSettings } from "./transport/endpoint-settings.js";
import {
  kindFor,
  maxTokensFields,
  pathFor,
  promptBytes,
  promptFields,
  promptStart,
  samplingFields,
  fieldsForTemplate,
  without,
} from "./transport/request-body.js";
import { DIALECTS, type Fields } from "./dialects/dialect.js";
import type { SpokenBody } from "./dialects/spoken-body.js";
import type { Acquaintance } from "./acquaintance.js";
import { samplesOf, type Sample } from "./samples.js";

export interface PurchasesParts {
  readonly settings: EndpointSettings;
  readonly identity: string;
  readonly memory: SampleMemory;
  readonly caller: Caller;
  /** Made before the first purchase. */
  readonly acquaintance: Acquaintance;
  readonly spoken: SpokenBody;
}

/** A question with one answer: a score, the odds of some options. */
export interface PurchaseOrder {
  readonly purpose: string;
  readonly kind: AnswerKind;
  readonly prompt: Prompt;
  /** All fields of the body but model and prompt. */
  readonly fields: Fields;
  readonly maxTokens: number;
  /** A chat whose last message is the beginning of the answer. */
  readonly continues?: boolean;
}

export class Purchases {
  readonly settings: EndpointSettings;
  readonly #parts: PurchasesParts;
  /** Most samples the endpoint has been seen to give for one request. */
  #together = Number.POSITIVE_INFINITY;

  constructor(parts: PurchasesParts) {
    this.settings = parts.settings;
    this.#parts = parts;
  }

  /** The samples of one generation request, bought where they are not yet kept. */
  samples(
    request: GenerationRequest,
    group: RequestGroup,
  ): Promise<readonly Sample[]> {
    const { settings, memory } = this.#parts;
    const { prompt, maxTokens, stop, seed } = request;
    const kind = kindFor(prompt, settings);
    const fields = {
      ...samplingFields(kind, request, settings),
      ...fieldsForTemplate(kind, request, settings),
    };
    const key = requestKey(
      this.#describe({
        purpose: "generate",
        kind,
        prompt,
        parameters: fields,
        seed,
      }),
    );
    return memory.obtain({
      key,
      samples: request.n,
      maxTokens,
      describe: () => this.#nameOf(prompt),
      read: (call) => samplesOf(readKept(kind, call), stop, maxTokens),
      readAnew: (call) =>
        this.#readAnew(kind, call, (answer) =>
          samplesOf(answer, stop, maxTokens),
        ),
      together: () => this.#together,
      buy: async (first, count) => {
        const purchase = await this.#buy(
          {
            kind,
            prompt,
            maxTokens,
            count,
            idempotencyKey: finishedKey(key, first),
            fields: {
              ...maxTokensFields(maxTokens, settings),
              ...fields,
              ...(count === 1 ? {} : { n: count }),
              ...without(
                {
                  seed: sampleSeed(seed, first),
                  ...(settings.stream === true ? STREAM : {}),
                },
                settings.omit,
              ),
            },
          },
          group,
        );
        const samples = samplesOf(purchase.answer, stop, maxTokens);
        if (samples.length < count) this.#together = samples.length;
        return { call: purchase.call, samples };
      },
    });
  }

  /** The answer to a question, bought once. */
  async answer(
    question: PurchaseOrder,
    group: RequestGroup,
  ): Promise<ParsedAnswer> {
    const { kind, prompt, fields, maxTokens, purpose, continues } = question;
    const key = requestKey(
      this.#describe({ purpose, kind, prompt, parameters: fields, seed: 0 }),
    );
    const [found] = await this.#parts.memory.obtain({
      key,
      samples: 1,
      maxTokens,
      describe: () => this.#nameOf(prompt),
      read: (call) => [{ finished: true, answer: readKept(kind, call) }],
      readAnew: (call) =>
        this.#readAnew(kind, call, (answer) => [{ finished: true, answer }]),
      together: () => 1,
      buy: async (): Promise<Purchase<AnswerSample>> => {
        const { call, answer } = await this.#buy(
          {
            kind,
            prompt,
            maxTokens,
            count: 1,
            fields,
            continues: continues ?? false,
            idempotencyKey: finishedKey(key, 0),
          },
          group,
        );
        return { call, samples: [{ finished: true, answer }] };
      },
    });
    return (found as AnswerSample).answer;
  }

  async #buy(
    item: {
      readonly kind: AnswerKind;
      readonly prompt: Prompt;
      readonly fields: Fields;
      readonly maxTokens: number;
      readonly count: number;
      readonly idempotencyKey: string;
      readonly continues?: boolean;
    },
    group: RequestGroup,
  ): Promise<{ call: StoredAnswer; answer: ParsedAnswer }> {
    const { settings, memory, caller, acquaintance, spoken } = this.#parts;
    const { kind, prompt, fields, maxTokens, count, idempotencyKey } = item;
    await acquaintance.make();
    if (item.continues === true && DIALECTS[spoken.dialect].continues !== true)
      throw cannotContinue(settings.model);
    const path = pathFor(kind);
    const body = {
      model: settings.model,
      ...promptFields(kind, prompt),
      ...fields,
    };
    const bought = ({ text, used, costMicros }: Paid): StoredAnswer => {
      const { promptTokens, cachedPromptTokens, completionTokens } = used;
      group.onUsage?.({
        requests: 1,
        tokensIn: promptTokens,
        tokensOut: completionTokens,
        cost: costMicros,
      });
      return {
        request: { endpoint: caller.endpoint, path, body },
        response: text,
        usage: {
          ...{ promptTokens, cachedPromptTokens, completionTokens },
          costMicros,
        },
      };
    };
    const answered = await caller.call(
      {
        kind,
        path,
        body,
        maxTokens: maxTokens * count,
        promptBytes: promptBytes(prompt, fields),
        idempotencyKey,
        keepUnread: (paid) => memory.keepUnread(idempotencyKey, bought(paid)),
      },
      group,
    );
    return { answer: answered.answer, call: bought(answered) };
  }

  /** What `call` holds, or the error with which it ended. */
  #readAnew<Found>(
    kind: AnswerKind,
    call: StoredAnswer,
    use: (answer: ParsedAnswer) => Found,
  ): Found | AutodidactError {
    const whole = wholeAnswer(kind, call.response, (text) => text);
    if (!("problem" in whole)) return use(whole.answer);
    return this.#parts.caller.errorOf(failureOfContent(whole));
  }

  #describe(what: {
    readonly purpose: string;
    readonly kind: AnswerKind;
    readonly prompt: Prompt;
    readonly parameters: Fields;
    readonly seed: number;
  }): ServedRequest {
    const { kind, ...rest } = what;
    return { ...rest, identity: this.#parts.identity, path: pathFor(kind) };
  }

  #nameOf(prompt: Prompt): string {
    return `the request to "${this.settings.model}" that begins "${promptStart(prompt)}"`;
  }
}

function cannotContinue(model: string): AutodidactError {
  return new AutodidactError(
    "ENDPOINT",
    `An answer that has already begun cannot be continued over the chat endpoint of "${model}". Set the endpoint's dialect to vllm if the server is vLLM, or ask for options without a prefix.`,
    { failure: "no-prefill", model },
  );
}

/** Fields that ask for a stream with the usage at its end. */
const STREAM = { stream: true, stream_options: { include_usage: true } };

interface AnswerSample {
  readonly finished: boolean;
  readonly answer: ParsedAnswer;
}

/** A kept answer; it was whole when it was kept. */
function readKept(kind: AnswerKind, call: StoredAnswer): ParsedAnswer {
  const answer = parseAnswer(kind, call.response);
  if (typeof answer !== "string") return answer;
  throw new AutodidactError(
    "LEDGER",
    `An answer that was kept from ${call.request.endpoint} cannot be read: ${answer}. The recording or ledger was changed; restore it, or remove that entry to buy the answer again.`,
    { endpoint: call.request.endpoint, path: call.request.path },
  );
}
