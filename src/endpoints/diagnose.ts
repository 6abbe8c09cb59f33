/**
 * @file Looks at an endpoint before money is spent, and says in one verdict what
 * is wrong with it.
 *
 * Asking for the list of models is free everywhere and tells most: no such host,
 * connection refused, not an API at all, wrong key, wrong model. What the list
 * leaves open (a server that lists nothing, or not what it serves) one request for
 * a single token settles, if that is allowed. Nothing is kept.
 */
import {
  ENDS_HERE,
  MAY_HAVE_NO_LIST,
  verdictOf,
  type Advice,
  type EndpointDiagnosis,
  type EndpointVerdict,
} from "./diagnosis.js";
import {
  DIALECTS,
  dialectAt,
  dialectOfList,
  mannersOf,
} from "./dialects/dialect.js";
import type { DialectName } from "./dialects/dialect.js";
import { modelNamed, type ListedModel } from "./dialects/model-list.js";
import { SpokenBody } from "./dialects/spoken-body.js";
import { askForModels, noListIn, whatCame } from "./model-list-request.js";
import { askForOneToken, type OneToken } from "./one-token.js";
import { openAccess } from "./transport/access.js";
import type { Environment } from "./transport/api-key.js";
import type { EndpointSettings } from "./transport/endpoint-settings.js";
import { parseBaseUrl, showUrl } from "./transport/endpoint-settings.js";
import {
  endpointError,
  failureOfStatus,
  isPage,
  isRefusal,
} from "./transport/failure.js";
import type { Failure, HttpAnswer } from "./transport/failure.js";
import { openTransport } from "./transport/transport.js";
import type { Transport } from "./transport/transport.js";
import { defined } from "../foundation/defined.js";

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
      spoken: new SpokenBody({ ...settings, dialect }),
      ...defined({ keyVariable }),
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
  readonly spoken: SpokenBody;
  readonly keyVariable?: string;
}

class Examination {
  readonly #members: ExaminationMembers;
  readonly #began = performance.now();
  #models: readonly ListedModel[] = [];
  /** What the list lacks may be there all the same. */
  #isOpen = true;
  /** What came instead of a list. */
  #noList: HttpAnswer | undefined;
  #lessons: readonly string[] = [];

  constructor(members: ExaminationMembers) {
    this.#members = members;
  }

  async run(): Promise<EndpointDiagnosis> {
    const { settings, parts, transport } = this.#members;
    const list = await askForModels(transport, this.#allowedMs);
    if ("failure" in list) return this.#failed(list.failure);
    if ("models" in list) {
      this.#models = list.models;
      this.#isOpen = list.isOpen || list.models.length === 0;
    } else {
      this.#noList = list.other;
      const refusal = refusalIn(list.other);
      if (
        refusal !== undefined &&
        ENDS_HERE.has(refusal.kind) &&
        list.other.status !== 403
      )
        return this.#failed(refusal);
    }
    this.#recognise();
    if (settings.model === "")
      return this.#noList === undefined
        ? this.#choice()
        : this.#withoutList(this.#noList);
    const tooLong = this.#tooLongFor(this.#known);
    if (tooLong !== undefined) return tooLong;
    if (parts.spendOneToken) return this.#probe();
    if (this.#noList !== undefined) return this.#withoutList(this.#noList);
    if (this.#models.length === 0)
      return this.#unlisted("lists no models (an empty list)");
    if (this.#known === undefined && this.#isOpen)
      return this.#unlisted("has a list that cannot be read to its end");
    return this.#known === undefined && !this.#takesAnyModel
      ? this.#wrongModel()
      : this.#ready(
          " Its list does not tell whether it takes chats or plain prompts only; one token would.",
          "ask-for-a-token",
        );
  }

  get #allowedMs(): number {
    return this.#members.parts.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /** The line of the list that means the model. */
  get #known(): ListedModel | undefined {
    return modelNamed(this.#models, this.#members.settings.model);
  }

  get #dialect(): DialectName {
    return this.#members.spoken.dialect;
  }

  get #takesAnyModel(): boolean {
    return DIALECTS[this.#dialect].takesAnyModel === true;
  }

  /** The list tells whose server it is, where neither settings nor address do. */
  #recognise(): void {
    const { settings, spoken } = this.#members;
    if (settings.dialect !== undefined || this.#dialect !== "generic") return;
    const told = dialectOfList(this.#models);
    if (told !== undefined) spoken.speakAs(told);
  }

  /** No list: the address is wrong, the server has none, or one of no known shape. */
  #withoutList(list: HttpAnswer): EndpointDiagnosis {
    const { settings, endpoint } = this.#members;
    if (isPage(list)) return this.#notAnApi(list);
    const refusal = refusalIn(list);
    if (refusal === undefined)
      return this.#unlisted(
        `has no list of models that can be read (${noListIn(list)})`,
      );
    if (!MAY_HAVE_NO_LIST.has(refusal.kind)) return this.#failed(refusal);
    if (settings.model === "" || !isVersioned(endpoint))
      return this.#notAnApi(list);
    return this.#unlisted(`lists no models (${refusal.evidence})`);
  }

  /** @param how what it does in the place of listing the model */
  #unlisted(how: string): EndpointDiagnosis {
    const { endpoint, settings } = this.#members;
    const open =
      settings.model === ""
        ? "which models it serves. Name the one that you mean."
        : `whether it serves "${settings.model}". Many servers have no list; one token of the model would tell.`;
    const hint = isVersioned(endpoint) ? "" : ` ${addressHint(endpoint)}`;
    return this.#verdict(
      "unlisted",
      `${endpoint} answers and ${how}, so it is not known ${open}${hint}`,
      settings.model === "" ? undefined : "ask-for-a-token",
    );
  }

  /** One request for one token: a chat, unless the endpoint is known to serve completions. */
  async #probe(): Promise<EndpointDiagnosis> {
    const { settings, transport, spoken } = this.#members;
    const allowedMs = this.#allowedMs;
    const parts = { settings, transport, spoken, allowedMs };
    const told = await askForOneToken(parts);
    this.#lessons = told.lessons;
    return this.#judge(told);
  }

  #judge(told: OneToken): EndpointDiagnosis {
    if ("stranger" in told) return this.#notAnApi(told.stranger, told.path);
    if ("failure" in told)
      return told.failure.kind === "wrong-model"
        ? this.#wrongModel(told.failure)
        : this.#failed(told.failure);
    const isPlain =
      told.answered === "completions" &&
      this.#members.settings.api !== "completions";
    const isListed =
      this.#models.length === 0 ||
      this.#known !== undefined ||
      this.#takesAnyModel;
    const list =
      this.#noList === undefined || isRefusal(this.#noList)
        ? undefined
        : this.#noList;
    return this.#ready(
      [
        isListed ? "" : " It answers, though it is not in the server's list.",
        list === undefined
          ? ""
          : ` It has no list of models: ${noListIn(list)}.`,
        isPlain ? " It answers plain prompts only, no chats." : "",
      ].join(""),
      isPlain ? "plain-prompts" : undefined,
    );
  }

  #ready(remark: string, advice?: Advice): EndpointDiagnosis {
    const { settings, endpoint } = this.#members;
    const context = this.#known?.contextLength;
    return this.#verdict(
      "ready",
      `${endpoint} serves "${settings.model}"${context === undefined ? "" : ` with a context of ${context} tokens`}.${remark}${this.#manners}`,
      advice,
    );
  }

  /** How it is spoken to, where that is not as to any server. */
  get #manners(): string {
    const manners = mannersOf(this.#dialect, this.#members.spoken.manners);
    const spoken = manners === "" ? "" : ` It ${manners}.`;
    return `${spoken}${this.#lessons.map((lesson) => ` It ${lesson}.`).join("")}`;
  }

  /** No model was named. */
  #choice(): EndpointDiagnosis {
    return this.#verdict(
      "ready",
      `${this.#members.endpoint} answers. ${this.#offer}.`,
      this.#models.length === 0 ? undefined : "name-a-model",
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

  /** @param path of the request that was answered so; the list's when absent */
  #notAnApi(answer: HttpAnswer, path?: string): EndpointDiagnosis {
    const { endpoint } = this.#members;
    const found =
      path === undefined
        ? noListIn(answer)
        : `POST ${path} gave ${whatCame(answer)}, expected {"choices": […]}`;
    return this.#verdict(
      "not-an-api",
      `${endpoint} does not answer like an OpenAI-compatible API: ${found}. ${addressHint(endpoint)}`,
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
      ...defined({ keyVariable, proxy: transport.proxy }),
    });
    return this.#verdict(verdictOf(failure), error.message);
  }

  #verdict(
    verdict: EndpointVerdict,
    message: string,
    advice?: Advice,
  ): EndpointDiagnosis {
    const contextLength = this.#known?.contextLength;
    return {
      verdict,
      message,
      ...defined({ advice }),
      endpoint: this.#members.endpoint,
      model: this.#members.settings.model,
      models: this.#models.map((item) => item.id),
      dialect: this.#dialect,
      ...this.#members.spoken.manners,
      ...defined({ contextLength }),
      milliseconds: Math.round(performance.now() - this.#began),
    };
  }
}

/** Undefined for an answer that refuses nothing and is no list. */
function refusalIn(list: HttpAnswer): Failure | undefined {
  return isRefusal(list) ? failureOfStatus(list, Date.now()) : undefined;
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
