/**
 * @file Looks at an endpoint before money is spent, and says in one verdict what
 * is wrong with it.
 *
 * Asking for the list of models is free everywhere and tells most: no such host,
 * connection refused, not an API at all, wrong key, wrong model. What the list
 * leaves open (a server that lists nothing, or not what it serves) one request for
 * a single token settles, if that is allowed. Nothing is kept.
 */
import { oneLine } from "../text/harmless.js";
import { findApiKey } from "./transport/api-key.js";
import type { ApiKey, Environment } from "./transport/api-key.js";
import { parseAnswer } from "./transport/answer.js";
import type { EndpointSettings } from "./transport/endpoint-settings.js";
import { parseBaseUrl, showUrl } from "./transport/endpoint-settings.js";
import {
  endpointError,
  failureOfError,
  failureOfStatus,
} from "./transport/failure.js";
import type { Failure, FailureKind, HttpAnswer } from "./transport/failure.js";
import { listModels } from "./transport/model-list.js";
import type { ListedModel } from "./transport/model-list.js";
import {
  kindFor,
  maxTokensFields,
  pathFor,
  promptFields,
} from "./transport/request-body.js";
import { openTransport } from "./transport/transport.js";
import type { HttpRequest, Transport } from "./transport/transport.js";

export type EndpointVerdict =
  | "ready"
  /** The host has no address. */
  | "no-such-host"
  /** Nobody listens at the port, or there is no way to it. */
  | "refused"
  /** No answer in time. */
  | "silent"
  /** TLS does not work out: certificate, or https to an http port. */
  | "tls"
  /** Something answers, but not an OpenAI-compatible API. */
  | "not-an-api"
  | "wrong-key"
  | "wrong-model"
  /** The model is there, and answers nothing but plain prompts. */
  | "no-chat"
  /** The model is there, and answers nothing but conversations. */
  | "no-completions"
  | "context-too-long"
  | "no-credit"
  | "overloaded"
  /** Anything else it did wrong. */
  | "failing";

export interface EndpointDiagnosis {
  readonly verdict: EndpointVerdict;
  /** What was found and what to do, for people. */
  readonly message: string;
  readonly endpoint: string;
  /** Empty when none was named. */
  readonly model: string;
  /** Models that the endpoint says it has. */
  readonly models: readonly string[];
  /** Longest prompt with its answer in tokens, where the endpoint tells. */
  readonly contextLength?: number;
  /** Of the last request. */
  readonly milliseconds: number;
}

export interface DiagnosisParts {
  readonly environment?: Environment;
  /** May ask for one token, which may cost a little; for another one where the first was refused. */
  readonly spendOneToken: boolean;
  /** Tokens of the longest prompt with its answer that are planned. */
  readonly plannedTokens?: number;
  /** Longest wait for each answer; 20 s when absent. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 20_000;

/** An endpoint, and a model there unless the question is which ones it has. */
export type DiagnosedEndpoint = Omit<EndpointSettings, "model"> & {
  readonly model?: string;
};

/**
 * Without a model it is ready when it lists what it has.
 * @throws USAGE for an address or key variable that cannot be right
 */
export async function diagnoseEndpoint(
  settings: DiagnosedEndpoint,
  parts: DiagnosisParts,
): Promise<EndpointDiagnosis> {
  const baseUrl = parseBaseUrl(settings.baseUrl);
  const environment = parts.environment ?? process.env;
  const apiKey = findApiKey(baseUrl, settings.apiKeyVariable, environment);
  const transport = openTransport({
    baseUrl,
    environment,
    ...(apiKey === undefined ? {} : { apiKey }),
  });
  try {
    return await new Examination({
      settings: { ...settings, model: settings.model ?? "" },
      parts,
      transport,
      endpoint: showUrl(baseUrl),
      ...(apiKey === undefined ? {} : { apiKey }),
    }).run();
  } finally {
    await transport.close();
  }
}

interface ExaminationMembers {
  readonly settings: EndpointSettings;
  readonly parts: DiagnosisParts;
  readonly transport: Transport;
  readonly endpoint: string;
  readonly apiKey?: ApiKey;
}

class Examination {
  readonly #members: ExaminationMembers;
  #models: readonly ListedModel[] = [];
  #milliseconds = 0;

  constructor(members: ExaminationMembers) {
    this.#members = members;
  }

  async run(): Promise<EndpointDiagnosis> {
    const list = await this.#ask({ method: "GET", path: "/models" });
    if ("kind" in list) return this.#failed(list);
    const listed = list.status === 200 ? listModels(list.text) : undefined;
    if (looksLikeAPage(list)) return this.#notAnApi(list);
    const listProblem =
      list.status === 200 ? undefined : failureOfStatus(list, Date.now());
    if (listProblem?.kind === "wrong-key" || listProblem?.kind === "no-credit")
      return this.#failed(listProblem);
    this.#models = listed ?? [];
    const { model } = this.#members.settings;
    if (model === "") {
      if (listProblem !== undefined) return this.#failed(listProblem);
      return listed === undefined ? this.#notAnApi(list) : this.#choice();
    }
    const known = this.#models.find((item) => item.id === model);
    const tooLong = this.#tooLongFor(known);
    if (tooLong !== undefined) return tooLong;
    if (this.#members.parts.spendOneToken) return this.#probe(listed);
    if (listProblem !== undefined && listProblem.kind !== "wrong-address")
      return this.#failed(listProblem);
    if (listed === undefined) return this.#notAnApi(list);
    return known === undefined
      ? this.#wrongModel()
      : this.#ready(
          " Its list does not tell whether it takes chats or plain prompts only; --spend-one-token asks.",
        );
  }

  /** One request for one token: a chat, unless the endpoint is known to serve completions. */
  async #probe(
    listed: readonly ListedModel[] | undefined,
    api: "chat" | "completions" = this.#members.settings.api === "completions"
      ? "completions"
      : "chat",
  ): Promise<EndpointDiagnosis> {
    const { settings } = this.#members;
    const prompt = "Hello";
    const kind = kindFor(prompt, { ...settings, api });
    const answer = await this.#ask({
      method: "POST",
      path: pathFor(kind),
      body: JSON.stringify({
        model: settings.model,
        ...promptFields(kind, prompt),
        ...maxTokensFields(1, settings),
        ...settings.extraBody,
      }),
    });
    if ("kind" in answer) return this.#failed(answer);
    if (looksLikeAPage(answer)) return this.#notAnApi(answer);
    if (answer.status < 200 || answer.status > 299) {
      const failure = failureOfStatus(answer, Date.now());
      if (failure.kind === "wrong-model") return this.#wrongModel(failure);
      const open = (settings.api ?? "auto") === "auto";
      if (failure.kind === "no-chat" && open && api === "chat")
        return this.#probe(listed, "completions");
      return this.#failed(failure);
    }
    const parsed = parseAnswer(kind, answer.text);
    if (typeof parsed === "string") return this.#notAnApi(answer);
    const unlisted =
      listed !== undefined &&
      listed.length > 0 &&
      !listed.some((item) => item.id === settings.model);
    const plain =
      api === "completions" && settings.api !== "completions"
        ? " It answers plain prompts only, no chats: give `instruct` --style completion."
        : "";
    return this.#ready(
      unlisted
        ? ` It answers, though it is not in the server's list.${plain}`
        : plain,
    );
  }

  async #ask(
    request: Omit<HttpRequest, "signal">,
  ): Promise<HttpAnswer | Failure> {
    const { transport, parts } = this.#members;
    const began = performance.now();
    const allowed = parts.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const signal = AbortSignal.timeout(allowed);
    try {
      return await transport.send({ ...request, signal });
    } catch (cause) {
      if (signal.aborted) {
        return {
          kind: "slow",
          evidence: `no answer in ${allowed / 1000} s`,
          maybeBilled: false,
        };
      }
      return failureOfError(cause);
    } finally {
      this.#milliseconds = performance.now() - began;
    }
  }

  #ready(remark = ""): EndpointDiagnosis {
    const { model } = this.#members.settings;
    const context = this.#contextLength;
    return this.#verdict(
      "ready",
      `${this.#members.endpoint} serves "${model}"${context === undefined ? "" : ` with a context of ${context} tokens`}.${remark}`,
    );
  }

  /** No model was named. */
  #choice(): EndpointDiagnosis {
    const name =
      this.#models.length === 0 ? "" : " Name one of these with --model.";
    return this.#verdict(
      "ready",
      `${this.#members.endpoint} answers. ${this.#offer}.${name}`,
    );
  }

  /** What the endpoint says it has. */
  get #offer(): string {
    const names = this.#models.map((item) => item.id);
    const shown = names.slice(0, 12).join(", ");
    return names.length === 0
      ? "It does not say which models it has"
      : `It has: ${shown}${names.length > 12 ? `, and ${names.length - 12} more` : ""}`;
  }

  #wrongModel(failure?: Failure): EndpointDiagnosis {
    const { model } = this.#members.settings;
    const evidence = failure === undefined ? "" : ` (${failure.evidence})`;
    return this.#verdict(
      "wrong-model",
      `${this.#members.endpoint} does not serve "${model}"${evidence}. ${this.#offer}.`,
    );
  }

  #tooLongFor(known: ListedModel | undefined): EndpointDiagnosis | undefined {
    const planned = this.#members.parts.plannedTokens;
    const context = known?.contextLength;
    if (planned === undefined || context === undefined || planned <= context)
      return undefined;
    return this.#verdict(
      "context-too-long",
      `"${this.#members.settings.model}" has a context of ${context} tokens, and the longest prompt with its answer needs ${planned}. Lower the maximum number of tokens, shorten the prompts, or serve the model with a longer context.`,
    );
  }

  #notAnApi(answer: HttpAnswer): EndpointDiagnosis {
    const what = looksLikeAPage(answer)
      ? "with a web page"
      : `with "${oneLine(answer.text, 80)}"`;
    return this.#verdict(
      "not-an-api",
      `${this.#members.endpoint} answers ${what} (HTTP ${answer.status}), not like an OpenAI-compatible API. ${addressHint(this.#members.endpoint)}`,
    );
  }

  #failed(failure: Failure): EndpointDiagnosis {
    const { endpoint, settings, apiKey } = this.#members;
    const error = endpointError(failure, {
      endpoint,
      model: settings.model,
      attempts: 1,
      answered: false,
      outage: false,
      ...(apiKey === undefined ? {} : { keyVariable: apiKey.variable }),
    });
    return this.#verdict(verdictOf(failure), error.message);
  }

  get #contextLength(): number | undefined {
    const { model } = this.#members.settings;
    return this.#models.find((item) => item.id === model)?.contextLength;
  }

  #verdict(verdict: EndpointVerdict, message: string): EndpointDiagnosis {
    const contextLength = this.#contextLength;
    return {
      verdict,
      message,
      endpoint: this.#members.endpoint,
      model: this.#members.settings.model,
      models: this.#models.map((item) => item.id),
      ...(contextLength === undefined ? {} : { contextLength }),
      milliseconds: Math.round(this.#milliseconds),
    };
  }
}

function looksLikeAPage(answer: HttpAnswer): boolean {
  return (
    /html/i.test(answer.contentType) ||
    /^\s*<(!doctype|html)/i.test(answer.text)
  );
}

function addressHint(endpoint: string): string {
  return endpoint.endsWith("/v1")
    ? "Check host and port."
    : 'The base address usually ends in "/v1".';
}

const VERDICTS: Readonly<Record<FailureKind, EndpointVerdict>> = {
  again: "failing",
  slow: "silent",
  overloaded: "overloaded",
  unreachable: "refused",
  "wrong-key": "wrong-key",
  "wrong-model": "wrong-model",
  "no-chat": "no-chat",
  "no-completions": "no-completions",
  "context-too-long": "context-too-long",
  "no-credit": "no-credit",
  "wrong-address": "not-an-api",
  refused: "failing",
};

function verdictOf(failure: Failure): EndpointVerdict {
  if (/\b(ENOTFOUND|EAI_AGAIN)\b/.test(failure.evidence)) return "no-such-host";
  if (/certificate|\bSSL|\bTLS|_CERT|ERR_SSL/i.test(failure.evidence))
    return "tls";
  return VERDICTS[failure.kind];
}
