/**
 * @file What servers call things when they are spoken to: a row a dialect.
 *
 * Answers are read in every shape at once, whoever sends them (the readers beside this
 * file); a row says what cannot be understood from an answer: the names of fields, the
 * fields that are refused, how to ask for more or less thinking, where the key goes. A
 * server that no row knows is spoken to like OpenAI's older models, which nearly every
 * server understands, and teaches the rest by what it refuses (learned-fields.ts).
 */
import type { ListedModel } from "./model-list.js";
import { defined } from "../../foundation/defined.js";

/** Fields of a request's body. */
export type Fields = Readonly<Record<string, unknown>>;

export const EFFORTS = ["none", "minimal", "low", "medium", "high"] as const;

/** How much a model thinks before it answers. */
export interface Reasoning {
  readonly effort?: (typeof EFFORTS)[number];
  /** Most tokens of thoughts; they come on top of an answer's own. */
  readonly maxTokens?: number;
}

interface Dialect {
  /** For people. */
  readonly title: string;
  /** Its server's host name, where it has one. */
  readonly host?: RegExp;
  /** Its models at that host, where it has several dialects; the first row that fits counts. */
  readonly models?: RegExp;
  /** Its address, where that tells. */
  readonly address?: RegExp;
  /** What it writes into `owned_by` of its list of models. */
  readonly ownedBy?: RegExp;
  readonly maxTokensField: "max_tokens" | "max_completion_tokens";
  /** Fields that it refuses, or that mean nothing to it. */
  readonly omit?: readonly string[];
  /** Values that it takes for granted, so that they need not be sent. */
  readonly defaults?: Fields;
  /** Sent where a request says nothing, because the server's own default changes answers. */
  readonly explicit?: Fields;
  /** A chat can go on from an answer that has begun (`continue_final_message`). */
  readonly continues?: boolean;
  /** Header of the key, where it is not `Authorization: Bearer`. */
  readonly keyHeader?: string;
  /** How to ask for thinking. */
  readonly reasoning: (wanted: Reasoning) => Fields;
  /** It says in each answer what that cost. */
  readonly tellsCost?: boolean;
  /** It serves one model, under whatever name. */
  readonly takesAnyModel?: boolean;
}

const effortField = ({ effort }: Reasoning): Fields =>
  effort === undefined ? {} : { reasoning_effort: effort };

/** Templates of open models have a switch; the size of the thoughts is the prompt's affair. */
const templateSwitch = ({ effort }: Reasoning): Fields =>
  effort === undefined
    ? {}
    : { chat_template_kwargs: { enable_thinking: effort !== "none" } };

/** Switch and budget in one field, as Anthropic has it; others took it over. */
const thinkingField = ({ effort, maxTokens }: Reasoning): Fields =>
  effort === undefined && maxTokens === undefined
    ? {}
    : {
        thinking:
          effort === "none"
            ? { type: "disabled" }
            : {
                type: "enabled",
                ...defined({ budget_tokens: maxTokens }),
              },
      };

const OPENAI_HOSTS = /^api\.openai\.com$/;

const ROWS = {
  "openai-reasoning": {
    title: "OpenAI's reasoning models",
    host: OPENAI_HOSTS,
    models: /^(o\d|gpt-[5-9])/,
    maxTokensField: "max_completion_tokens",
    omit: [
      "temperature",
      "top_p",
      "presence_penalty",
      "frequency_penalty",
      "stop",
      "top_k",
    ],
    reasoning: effortField,
  },
  openai: {
    title: "OpenAI",
    host: OPENAI_HOSTS,
    maxTokensField: "max_completion_tokens",
    omit: ["top_k"],
    defaults: { top_p: 1 },
    reasoning: effortField,
  },
  azure: {
    title: "Azure OpenAI",
    host: /\.(openai|cognitiveservices|services\.ai)\.azure\.com$/,
    address: /\/openai\/deployments\/[^/?]+\/?\?(?:[^#]*&)?api-version=/,
    maxTokensField: "max_tokens",
    omit: ["top_k"],
    defaults: { top_p: 1 },
    keyHeader: "api-key",
    reasoning: effortField,
  },
  openrouter: {
    title: "OpenRouter",
    host: /(^|\.)openrouter\.ai$/,
    maxTokensField: "max_tokens",
    defaults: { top_p: 1 },
    reasoning: ({ effort, maxTokens }) =>
      effort === undefined && maxTokens === undefined
        ? {}
        : {
            reasoning:
              effort === "none"
                ? { enabled: false }
                : maxTokens === undefined
                  ? { effort }
                  : { max_tokens: maxTokens },
          },
    tellsCost: true,
  },
  litellm: {
    title: "LiteLLM",
    maxTokensField: "max_tokens",
    reasoning: effortField,
    tellsCost: true,
  },
  deepseek: {
    title: "DeepSeek",
    host: /(^|\.)deepseek\.com$/,
    maxTokensField: "max_tokens",
    omit: ["n", "seed", "top_k"],
    defaults: { top_p: 1 },
    reasoning: ({ effort }) =>
      thinkingField(effort === undefined ? {} : { effort }),
  },
  mistral: {
    title: "Mistral",
    host: /(^|\.)mistral\.ai$/,
    ownedBy: /^mistralai$/,
    maxTokensField: "max_tokens",
    omit: ["seed", "top_k", "logprobs", "stream_options"],
    reasoning: effortField,
  },
  gemini: {
    title: "Gemini",
    host: /(^|\.)generativelanguage\.googleapis\.com$/,
    ownedBy: /^google$/,
    maxTokensField: "max_tokens",
    omit: ["seed", "top_k", "logprobs"],
    reasoning: ({ effort, maxTokens }) =>
      maxTokens === undefined
        ? effortField({ ...defined({ effort }) })
        : {
            extra_body: {
              google: {
                thinking_config: {
                  thinking_budget: effort === "none" ? 0 : maxTokens,
                },
              },
            },
          },
  },
  anthropic: {
    title: "Anthropic",
    host: /(^|\.)anthropic\.com$/,
    maxTokensField: "max_tokens",
    omit: [
      "n",
      "seed",
      "top_k",
      "top_p",
      "logprobs",
      "presence_penalty",
      "frequency_penalty",
    ],
    reasoning: thinkingField,
  },
  vllm: {
    title: "vLLM",
    ownedBy: /^vllm$/,
    maxTokensField: "max_tokens",
    // It takes a checkpoint's own top_k when none is sent; −1 switches it off.
    explicit: { top_k: -1 },
    continues: true,
    reasoning: ({ effort, maxTokens }) => ({
      ...templateSwitch({ ...defined({ effort }) }),
      ...defined({ thinking_token_budget: maxTokens }),
    }),
  },
  sglang: {
    title: "SGLang",
    ownedBy: /^sglang$/,
    maxTokensField: "max_tokens",
    reasoning: templateSwitch,
  },
  "llama.cpp": {
    title: "llama.cpp",
    ownedBy: /^llamacpp$/,
    maxTokensField: "max_tokens",
    reasoning: templateSwitch,
    takesAnyModel: true,
  },
  ollama: {
    title: "Ollama",
    ownedBy: /^library$/,
    maxTokensField: "max_tokens",
    omit: ["n", "top_k"],
    reasoning: effortField,
  },
  "lm-studio": {
    title: "LM Studio",
    ownedBy: /^organization_owner$/,
    maxTokensField: "max_tokens",
    omit: ["n"],
    reasoning: effortField,
  },
  tgi: {
    title: "Text Generation Inference",
    maxTokensField: "max_tokens",
    omit: ["n", "top_k"],
    defaults: { top_p: 1 },
    reasoning: templateSwitch,
  },
  generic: {
    title: "a server of no known dialect",
    maxTokensField: "max_tokens",
    reasoning: effortField,
  },
} as const satisfies Readonly<Record<string, Dialect>>;

export type DialectName = keyof typeof ROWS;

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = ROWS;

export const DIALECT_NAMES = Object.keys(ROWS) as [
  DialectName,
  ...DialectName[],
];

/** The dialect of an address and a model's name there, as far as they tell. */
export function dialectAt(url: URL, model: string): DialectName {
  const address = `${url.pathname}${url.search}`;
  return (
    DIALECT_NAMES.find((name) => {
      const { host, address: at, models } = DIALECTS[name];
      const here =
        host?.test(url.hostname) === true || at?.test(address) === true;
      return here && (models === undefined || models.test(model));
    }) ?? "generic"
  );
}

/** The dialect of a server that lists these models, as far as they tell. */
export function dialectOfList(
  models: readonly ListedModel[],
): DialectName | undefined {
  const [owner, ...others] = [...new Set(models.map(({ ownedBy }) => ownedBy))];
  if (owner === undefined || others.length > 0) return undefined;
  return DIALECT_NAMES.find((name) => DIALECTS[name].ownedBy?.test(owner));
}

/** How a server of the dialect is spoken to, for people; "" where it is as to any server. */
export function mannersOf(
  dialect: DialectName,
  {
    maxTokensField,
    omit,
  }: { readonly maxTokensField: string; readonly omit: readonly string[] },
): string {
  if (dialect === "generic") return "";
  const left = omit.length === 0 ? "" : `, without ${omit.join(", ")}`;
  return `is spoken to as ${DIALECTS[dialect].title}: the maximum of tokens in ${maxTokensField}${left}`;
}
