/**
 * @file The frame of every page: the way past it, the languages, the colours, whether the
 * server answers; and which page an address means.
 */
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import {
  browserLanguage,
  useWords,
  wordsOf,
  WordsContext,
} from "./language/words.js";
import { ComparePage } from "./pages/compare.js";
import { HeldOutView } from "./pages/held-out.js";
import { ReviewView } from "./pages/review.js";
import { RowPage } from "./pages/row.js";
import { RowsPage } from "./pages/rows.js";
import { RunPage } from "./pages/run.js";
import { RunsPage } from "./pages/runs.js";
import { RunMenu } from "./parts/run-menu.js";
import { addressOf, type Route, useRoute } from "./route.js";
import { useReachable } from "./server.js";
import { useStoredChoice } from "./stored-choice.js";
import { THEMES, useTheme } from "./theme.js";

function NoSuchPage(): JSX.Element {
  const { m } = useWords();
  return (
    <>
      <h1>{m.noSuchPage}</h1>
      <p>
        <a href={addressOf([])}>{m.toRuns}</a>
      </p>
    </>
  );
}

function RunPages(props: {
  readonly run: string;
  readonly route: Route;
}): JSX.Element {
  const { run, route } = props;
  const [, , place, table, id] = route.path;
  switch (place) {
    case undefined:
      return <RunPage run={run} />;
    case "table":
      return <RowsPage run={run} table={table ?? null} query={route.query} />;
    case "row":
      return table === undefined || id === undefined ? (
        <NoSuchPage />
      ) : (
        <RowPage run={run} table={table} id={id} />
      );
    case "held-out":
      return <HeldOutView run={run} query={route.query} />;
    case "review":
      return <ReviewView run={run} query={route.query} />;
    default:
      return <NoSuchPage />;
  }
}

function PageOf({ route }: { readonly route: Route }): JSX.Element {
  const [first, run] = route.path;
  if (first === undefined) return <RunsPage query={route.query} />;
  if (first === "compare") return <ComparePage query={route.query} />;
  if (first !== "run" || run === undefined) return <NoSuchPage />;
  return (
    <>
      <RunMenu run={run} place={route.path[2] ?? ""} />
      <RunPages key={run} run={run} route={route} />
    </>
  );
}

function Settings(props: {
  readonly onLanguage: (language: string) => void;
}): JSX.Element {
  const { m, language } = useWords();
  const [theme, choose] = useTheme();
  const other = language === "en" ? "zh" : "en";
  return (
    <div class="settings">
      <button
        type="button"
        class="quiet"
        lang={other}
        onClick={() => {
          props.onLanguage(other);
        }}
      >
        {m.otherLanguage}
      </button>
      <label>
        <span class="unseen">{m.theme}</span>
        <select
          value={theme}
          onChange={(event) => {
            const value = event.currentTarget.value;
            choose(THEMES.find((each) => each === value) ?? "system");
          }}
        >
          {THEMES.map((each) => (
            <option key={each} value={each}>
              {m.themes[each]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Frame(props: {
  readonly onLanguage: (language: string) => void;
}): JSX.Element {
  const { m } = useWords();
  const route = useRoute();
  const reachable = useReachable();
  const main = useRef<HTMLElement>(null);
  const place = route.path.join("/");
  const shown = useRef(place);
  useEffect(() => {
    document.title = [route.path[1], m.title].filter(Boolean).join(" – ");
    if (shown.current === place) return;
    shown.current = place;
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [place, m]);
  return (
    <>
      <button
        type="button"
        class="skip"
        onClick={() => {
          main.current?.focus();
        }}
      >
        {m.skip}
      </button>
      <header class="top">
        <nav aria-label={m.mainMenu}>
          <a class="brand" href={addressOf([])}>
            {m.title}
          </a>
          <a href={addressOf([])}>{m.allRuns}</a>
        </nav>
        <Settings onLanguage={props.onLanguage} />
      </header>
      {reachable ? null : (
        <p class="lost" role="alert">
          {m.lost}
        </p>
      )}
      <main ref={main} tabIndex={-1}>
        <PageOf route={route} />
      </main>
    </>
  );
}

export function App(): JSX.Element {
  const [stored, choose] = useStoredChoice("language");
  const language =
    stored === "en" || stored === "zh"
      ? stored
      : browserLanguage(navigator.languages);
  const words = useMemo(() => wordsOf(language), [language]);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <WordsContext.Provider value={words}>
      <Frame onLanguage={choose} />
    </WordsContext.Provider>
  );
}
