/**
 * @file The language of the page: its messages, and numbers, shares, money and times as
 * people write them there.
 */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { chineseWords } from "./chinese.js";
import { englishWords, type Messages } from "./english.js";

export type Language = "en" | "zh";

const LANGUAGES: Readonly<
  Record<Language, { readonly locale: string; readonly messages: Messages }>
> = {
  en: { locale: "en", messages: englishWords },
  zh: { locale: "zh-CN", messages: chineseWords },
};

export interface Words {
  readonly language: Language;
  readonly m: Messages;
  /** A whole number. */
  readonly count: (value: number) => string;
  /** Any number, four digits at most that say something. */
  readonly number: (value: number) => string;
  /** 0 to 1, as per cent. */
  readonly share: (value: number) => string;
  /** US dollars. */
  readonly money: (value: number) => string;
  /** Seconds, in the two largest units. */
  readonly duration: (seconds: number) => string;
  /** An ISO time; as it stands where it is none. */
  readonly moment: (iso: string) => string;
}

function formatter(
  locale: string,
  options: Intl.NumberFormatOptions,
): (value: number) => string {
  const format = new Intl.NumberFormat(locale, options);
  return (value) => format.format(value);
}

function durations(locale: string): Words["duration"] {
  const inUnits = (name: string): ((value: number) => string) =>
    formatter(locale, {
      style: "unit",
      unit: name,
      unitDisplay: "short",
      maximumFractionDigits: 0,
    });
  const day = inUnits("day");
  const hour = inUnits("hour");
  const minute = inUnits("minute");
  const second = inUnits("second");
  return (seconds) => {
    const whole = Math.max(0, Math.round(seconds));
    const minutes = Math.floor(whole / 60);
    const hours = Math.floor(minutes / 60);
    if (hours >= 48)
      return `${day(Math.floor(hours / 24))} ${hour(hours % 24)}`;
    if (hours > 0) return `${hour(hours)} ${minute(minutes % 60)}`;
    if (minutes > 0) return `${minute(minutes)} ${second(whole % 60)}`;
    return second(whole);
  };
}

function moments(locale: string): Words["moment"] {
  const format = new Intl.DateTimeFormat(locale, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  return (iso) => {
    const time = new Date(iso);
    return Number.isNaN(time.getTime()) ? iso : format.format(time);
  };
}

export function wordsOf(language: Language): Words {
  const { locale, messages } = LANGUAGES[language];
  return {
    language,
    m: messages,
    count: formatter(locale, { maximumFractionDigits: 0 }),
    number: formatter(locale, { maximumSignificantDigits: 4 }),
    share: formatter(locale, { style: "percent", maximumFractionDigits: 1 }),
    money: formatter(locale, {
      style: "currency",
      currency: "USD",
      maximumFractionDigits: 4,
    }),
    duration: durations(locale),
    moment: moments(locale),
  };
}

/** The first of the browser's languages that the page speaks. */
export function browserLanguage(preferred: readonly string[]): Language {
  const known = preferred
    .map((tag) => tag.slice(0, 2).toLowerCase())
    .find((tag) => tag in LANGUAGES);
  return known === "zh" ? "zh" : "en";
}

export const WordsContext = createContext<Words>(wordsOf("en"));

export function useWords(): Words {
  return useContext(WordsContext);
}

/** The word for a name of the API; the name itself where there is none. */
export function worded(
  table: Readonly<Record<string, string>>,
  name: string,
): string {
  return Object.hasOwn(table, name) ? (table[name] ?? name) : name;
}
