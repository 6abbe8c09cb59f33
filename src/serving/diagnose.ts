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
import {
  DIALECTS,
  dialectAt,
  dialectOfList,
  mannersOf,
} from "./dialects/dialect.js";
import type { DialectName } from "./dialects/dialect.js";
import type { FailureKind } from "./dialects/failure-kinds.js";
import { listModels, sameModel } from "./dialects/model-list.js";
import type { ListedModel } from "./dialects/model-list.js";
import { SpokenBody } from "./dialects/spoken-body.js";
import { openAccess } from "./transport/access.js";
import type { Environment } from "./transport/api-key.js";
import { parseAnswer } from "./transport/answer.js";
import type { EndpointSettings } from "./transport/endpoint-settings.js";
import { parseBaseUrl, showUrl } from "./transport/endpoint-settings.js";
import {
  endpointError,
  failureOfContent,
  failureOfError,
  failureOfStatus,
} from "./transport/failure.js";
import type { Failure, HttpAnswer } from "./transport/failure.js";
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
  /** It answers, and lists no models: only a request for a token tells more. */
  | "unlisted"
  /** The host has no address. */
  | "no-such-host"
  /** Nobody listens at the port, or there is no way to it. */
  | "refused"
  /** No answer in time. */
  | "silent"
  /** TLS does not work out: certificate, or https to an http port. */
  | "tls"
  /** The address is another one now, or a login stands before it. */
  | "moved"
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
  /** How it is spoken to: as set, or found out. */
  readonly dialect: DialectName;
  /** The field for the maximum of tokens, as far as is known. */
  readonly maxTokensField: string;
  /** Fields that are left out. */
  readonly omit: readonly string[];
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
  const model = settings.model ?? "";
  const dialect = settings.dialect ?? dialectAt(baseUrl, model);
  const access = openAccess({ ...settings, dialect }, { baseUrl, environment });
  const transport = openTransport({ baseUrl, environment, ...access });
  const { keyVariable } = access;
  try {
    return await new Examination({
      settings: { ...settings, model },
      parts,
      transport,
      endpoint: showUrl(baseUrl),
      dialect,
      ...(keyVariable === undefined ? {} : { keyVariable }),
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
  /** As set, or as the address tells. */
  readonly dialect: DialectName;
  readonly keyVariable?: string;
}

class Examination {
  readonly #members: ExaminationMembers;
  #models: readonly ListedModel[] = [];
  #dialect: DialectName;
  #spoken: SpokenBody;
  readonly #lessons: string[] = [];
  #milliseconds = 0;

  constructor(members: ExaminationMembers) {
    this.#members = members;
    this.#dialect = members.dialect;
    this.#spoken = this.#speak();
  }

  async run(): Promise<EndpointDiagnosis> {
    const list = await this.#ask({ method: "GET", path: "/models" });
    if ("kind" in list) return this.#failed(list);
    const listed = list.status === 200 ? listModels(list.text) : undefined;
    const refusal =
      list.status === 200 ? undefined : failureOfStatus(list, Date.now());
    if (
      refusal !== undefined &&
      ENDS_HERE.has(refusal.kind) &&
      list.status !== 403
    )
      return this.#failed(refusal);
    this.#models = listed ?? [];
    this.#recognise();
    const { model } = this.#members.settings;
    if (model === "")
      return listed === undefined
        ? this.#withoutList(list, refusal)
        : this.#choice();
    const tooLong = this.#tooLongFor(this.#known);
    if (tooLong !== undefined) return tooLong;
    if (this.#members.parts.spendOneToken) return this.#probe();
    if (listed === undefined) return this.#withoutList(list, refusal);
    if (listed.length === 0) return this.#unlisted("an empty list");
    return this.#known === undefined && !this.#takesAnyModel
      ? this.#wrongModel()
      : this.#ready(
          " Its list does not tell whether it takes chats or plain prompts only; --spend-one-token asks.",
        );
  }

  /** The line of the list that means the model. */
  get #known(): ListedModel | undefined {
    const { model } = this.#members.settings;
    return (
      this.#models.find(({ id }) => id === model) ??
      this.#models.find(({ id }) => sameModel(id, model))
    );
  }

  get #takesAnyModel(): boolean {
    return DIALECTS[this.#dialect].takesAnyModel === true;
  }

  /** The list tells whose server it is, where neither settings nor address do. */
  #recognise(): void {
    if (this.#dialect !== "generic") return;
    this.#dialect = dialectOfList(this.#models) ?? this.#dialect;
    this.#spoken = this.#speak();
  }

  #speak(): SpokenBody {
    return new SpokenBody({
      ...this.#members.settings,
      dialect: this.#dialect,
    });
  }

  /** No list: the address is wrong, or the server has none. */
  #withoutList(
    list: HttpAnswer,
    refusal: Failure | undefined,
  ): EndpointDiagnosis {
    const { settings } = this.#members;
    if (looksLikeAPage(list) || list.status === 200)
      return this.#notAnApi(list);
    if (refusal !== undefined && !MAY_HAVE_NO_LIST.has(refusal.kind))
      return this.#failed(refusal);
    if (settings.model === "" || !isVersioned(this.#members.endpoint))
      return this.#notAnApi(list);
    return this.#unlisted(refusal?.evidence ?? `HTTP ${list.status}`);
  }

  #unlisted(evidence: string): EndpointDiagnosis {
    return this.#verdict(
      "unlisted",
      `${this.#members.endpoint} answers and lists no models (${evidence}), so it is not known whether it serves "${this.#members.settings.model}". Many servers have no list; --spend-one-token asks the model itself.`,
    );
  }

  /** One request for one token: a chat, unless the endpoint is known to serve completions. */
  async #probe(
    api: "chat" | "completions" = this.#members.settings.api === "completions"
      ? "completions"
      : "chat",
  ): Promise<EndpointDiagnosis> {
    const { settings } = this.#members;
    const prompt = "Hello";
    const kind = kindFor(prompt, { ...settings, api });
    const body = this.#spoken.of({
      model: settings.model,
      ...promptFields(kind, prompt),
      ...maxTokensFields(1, settings),
      ...settings.extraBody,
    });
    const answer = await this.#ask({
      method: "POST",
      path: pathFor(kind),
      body: JSON.stringify(body),
    });
    if ("kind" in answer) return this.#failed(answer);
    if (answer.status < 200 || answer.status > 299) {
      const failure = failureOfStatus(answer, Date.now());
      const lesson = failure.said && this.#spoken.learn(failure.said, body);
      if (lesson !== undefined) {
        this.#lessons.push(lesson);
        return this.#probe(api);
      }
      if (failure.kind === "wrong-model") return this.#wrongModel(failure);
      const open = (settings.api ?? "auto") === "auto";
      if (failure.kind === "no-chat" && open && api === "chat")
        return this.#probe("completions");
      return looksLikeAPage(answer) && failure.kind === "wrong-address"
        ? this.#notAnApi(answer)
        : this.#failed(failure);
    }
    if (looksLikeAPage(answer)) return this.#notAnApi(answer);
    const parsed = parseAnswer(kind, answer.text);
    if (typeof parsed === "string") {
      const failure = failureOfContent(parsed, answer.text);
      return failure.said === undefined
        ? this.#notAnApi(answer)
        : this.#failed(failure);
    }
    const unlisted = this.#models.length > 0 && this.#known === undefined;
    const plain =
      api === "completions" && settings.api !== "completions"
        ? " It answers plain prompts only, no chats: give `instruct` --style completion."
        : "";
    return this.#ready(
      unlisted && !this.#takesAnyModel
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
          basis: "status",
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
      `${this.#members.endpoint} serves "${model}"${context === undefined ? "" : ` with a context of ${context} tokens`}.${remark}${this.#manners}`,
    );
  }

  /** How it is spoken to, where that is not as to any server. */
  get #manners(): string {
    const manners = mannersOf(this.#dialect, this.#spoken.manners);
    const spoken = manners === "" ? "" : ` It ${manners}.`;
    return `${spoken}${this.#lessons.map((lesson) => ` It ${lesson}.`).join("")}`;
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
    const { endpoint, settings, keyVariable, transport } = this.#members;
    const error = endpointError(failure, {
      endpoint,
      model: settings.model,
      attempts: 1,
      answered: false,
      outage: false,
      everybody: false,
      ...(keyVariable === undefined ? {} : { keyVariable }),
      ...(transport.proxy === undefined ? {} : { proxy: transport.proxy }),
    });
    return this.#verdict(verdictOf(failure), error.message);
  }

  get #contextLength(): number | undefined {
    return this.#known?.contextLength;
  }

  #verdict(verdict: EndpointVerdict, message: string): EndpointDiagnosis {
    const contextLength = this.#contextLength;
    return {
      verdict,
      message,
      endpoint: this.#members.endpoint,
      model: this.#members.settings.model,
      models: this.#models.map((item) => item.id),
      dialect: this.#dialect,
      ...this.#spoken.manners,
      ...(contextLength === undefined ? {} : { contextLength }),
      milliseconds: Math.round(this.#milliseconds),
    };
  }
}

function looksLikeAPage(answer: HttpAnswer): boolean {
  return (
    /html/i.test(answer.headers["content-type"] ?? "") ||
    /^\s*<(!doctype|html)/i.test(answer.text)
  );
}

function addressHint(endpoint: string): string {
  return isVersioned(endpoint)
    ? "Check host and port."
    : 'The base address usually ends in "/v1".';
}

/** Whether an address looks like that of an API: "…/v1", "…/openai/deployments/x". */
function isVersioned(endpoint: string): boolean {
  return /\/v\d|\/openai\b|\/api\b/.test(new URL(endpoint).pathname);
}

/** Refusals of the list that would meet every other request as well. */
const ENDS_HERE: ReadonlySet<FailureKind> = new Set([
  "wrong-key",
  "no-credit",
  "moved",
]);

/** Refusals of the list with which a server may say that it has none, or not for this key. */
const MAY_HAVE_NO_LIST: ReadonlySet<FailureKind> = new Set([
  "wrong-address",
  "wrong-key",
  "refused",
  "again",
]);

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
  tls: "tls",
  moved: "moved",
  moderated: "failing",
  "wrong-address": "not-an-api",
  refused: "failing",
};

function verdictOf(failure: Failure): EndpointVerdict {
  if (failure.code === "ENOTFOUND" || failure.code === "EAI_AGAIN")
    return "no-such-host";
  return VERDICTS[failure.kind];
}
