/**
 * @file From the body as it is meant to the body as a server wants it.
 *
 * A request is described, keyed and kept in one language, OpenAI's older one; only what
 * goes over the wire is in the server's. So a recording is the same whoever was asked.
 * What the dialect's row does not know, the server teaches by refusing it: a field that it
 * does not know is left out from then on, a value that changes nothing (`top_p: 1`) but is
 * out of its bounds is left out wherever it stands, a maximum of tokens of another name is
 * renamed, each once and said so.
 */
import { LONGEST_READ, type ErrorBody } from "./error-body.js";
import { DIALECTS } from "./dialect.js";
import type { DialectName, Fields, Reasoning } from "./dialect.js";

type MaxTokensField = "max_tokens" | "max_completion_tokens";

export interface SpokenSettings {
  readonly dialect: DialectName;
  /** Set by hand, they win over the dialect's row. */
  readonly maxTokensField?: MaxTokensField;
  readonly omit?: readonly string[];
  readonly reasoning?: Reasoning;
  /** Fields that the user put in: none of them is left out. */
  readonly extraBody?: Fields;
}

/** Without these a request asks for nothing. */
const NEEDED: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "prompt",
  "stream",
]);

const REFUSAL_CODES: ReadonlySet<string> = new Set([
  "unsupported_parameter",
  "unsupported_value",
  "unknown_parameter",
  "extra_forbidden",
  "unrecognized_parameter",
]);

const REFUSAL =
  /unsupported|not (?:\w+ )?(?:supported|permitted|allowed|recognized|available)|unknown|unrecogni[sz]ed|unexpected|does not support|only (?:the default|\d+(?:\.\d+)?)\b.{0,20}\b(?:allowed|supported|permitted)|deprecated|extra (?:inputs|fields)|\binstead\b/i;

/** Words about a value, not about the field: another value would do. */
const BOUNDS =
  /(?:must|should|has to) be (?!omitted|left|absent|unset|null)|(?:above|below) (?:the )?(?:maximum|minimum)|(?:greater|less|more) than|at (?:least|most)|between|\brange\b/i;

/** Values that change nothing: a request without them means the same. */
const IDLE: Fields = {
  top_p: 1,
  n: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
};

/** What was learned from a refusal, for people; "" where another request learned it before. */
type Lesson = string;

/** What is left out and renamed: of the dialect's row and the settings, then as learned. */
interface Manners {
  readonly left: Set<string>;
  readonly defaults: Map<string, unknown>;
  maxTokensField: MaxTokensField;
}

export class SpokenBody {
  #settings: SpokenSettings;
  #manners: Manners;
  /** Fields that taught something: each does so once. */
  readonly #taught = new Set<string>();

  constructor(settings: SpokenSettings) {
    this.#settings = settings;
    this.#manners = mannersFrom(settings);
  }

  get dialect(): DialectName {
    return this.#settings.dialect;
  }

  /** Another dialect from now on, found out before anything was learned. */
  speakAs(dialect: DialectName): void {
    this.#settings = { ...this.#settings, dialect };
    this.#manners = mannersFrom(this.#settings);
  }

  /** The body for the wire. @param meant with the maximum of tokens in its usual field */
  of(meant: Fields): Fields {
    const { dialect, reasoning = {} } = this.#settings;
    const { reasoning: ask, explicit = {} } = DIALECTS[dialect];
    const { left, defaults } = this.#manners;
    const thoughts = thoughtTokens(reasoning);
    const body = Object.entries({ ...explicit, ...meant }).map(
      ([name, value]): [string, unknown] =>
        isMaxTokens(name) && typeof value === "number"
          ? [this.#nameOfMaximum(meant), value + thoughts]
          : [name, value],
    );
    return Object.fromEntries(
      [...body, ...Object.entries(ask(reasoning))].filter(
        ([name, value]) =>
          this.#needs(name) ||
          (!left.has(name) &&
            !(defaults.has(name) && defaults.get(name) === value)),
      ),
    );
  }

  /** Plain completions are older than the newer name. */
  #nameOfMaximum(meant: Fields): MaxTokensField {
    const { maxTokensField } = this.#settings;
    return "messages" in meant ||
      maxTokensField !== undefined ||
      this.#taught.has("max_tokens")
      ? this.#manners.maxTokensField
      : "max_tokens";
  }

  #needs(name: string): boolean {
    return (
      NEEDED.has(name) || Object.hasOwn(this.#settings.extraBody ?? {}, name)
    );
  }

  /** What differs from how a request is meant, for people and settings. */
  get manners(): {
    readonly maxTokensField: MaxTokensField;
    readonly omit: readonly string[];
  } {
    const { maxTokensField, left } = this.#manners;
    return { maxTokensField, omit: [...left] };
  }

  /** The lesson in a refusal of a body that was sent; undefined where there is none. */
  learn(refusal: ErrorBody, sent: Fields): Lesson | undefined {
    const sentence = refusal.message.slice(0, LONGEST_READ);
    const ofValue = BOUNDS.test(sentence);
    if (
      !ofValue &&
      !REFUSAL.test(sentence) &&
      !refusal.codes.some((code) => REFUSAL_CODES.has(code))
    )
      return undefined;
    const field = refusedField(
      refusal,
      sentence,
      (name) => Object.hasOwn(sent, name) && !this.#needs(name),
    );
    if (field === undefined) return undefined;
    const known = this.#taught.has(field);
    if (ofValue) {
      if (IDLE[field] === undefined || IDLE[field] !== sent[field])
        return undefined;
      if (known) return "";
      this.#taught.add(field);
      this.#manners.defaults.set(field, IDLE[field]);
      return `refuses a "${field}" of ${JSON.stringify(IDLE[field])}, which changes nothing and is left out from now on`;
    }
    if (isMaxTokens(field)) {
      if (known) return this.#manners.maxTokensField === field ? undefined : "";
      const other: MaxTokensField =
        field === "max_tokens" ? "max_completion_tokens" : "max_tokens";
      if (this.#taught.has(other)) return undefined;
      this.#taught.add(field);
      this.#manners.maxTokensField = other;
      return `calls the maximum of tokens "${other}", not "${field}"`;
    }
    if (known) return "";
    this.#taught.add(field);
    this.#manners.left.add(field);
    return `refuses the field "${field}", which is left out from now on`;
  }
}

function mannersFrom(settings: SpokenSettings): Manners {
  const row = DIALECTS[settings.dialect];
  return {
    left: new Set([...(row.omit ?? []), ...(settings.omit ?? [])]),
    defaults: new Map(Object.entries(row.defaults ?? {})),
    maxTokensField: settings.maxTokensField ?? row.maxTokensField,
  };
}

/** Tokens of thoughts that an answer may have on top of its own. */
export function thoughtTokens({
  effort,
  maxTokens = 0,
}: Reasoning = {}): number {
  return effort === "none" ? 0 : maxTokens;
}

/** The two names of the field for the maximum of tokens. */
export function isMaxTokens(name: string): name is MaxTokensField {
  return name === "max_tokens" || name === "max_completion_tokens";
}

/** The field that was sent and is complained of: by name, or the first that is quoted. */
function refusedField(
  { field }: ErrorBody,
  sentence: string,
  optional: (name: string) => boolean,
): string | undefined {
  if (field !== undefined) return optional(field) ? field : undefined;
  const quoted = [...sentence.matchAll(/["'`]([a-z_]{1,40})["'`]/g)];
  const named = [
    ...quoted,
    ...sentence.matchAll(
      /(?<=\b(?:supplied|param|parameter|field|argument|name|invalid):? )[a-z_]{1,40}\b/gi,
    ),
    ...sentence.matchAll(
      /^([a-z_]{1,40}) (?:is (?:not|un)|must|should|has to)/g,
    ),
  ];
  return named.map(([whole, name = whole]) => name).find(optional);
}
