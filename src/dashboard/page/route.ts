/**
 * @file The page's address: what is shown lies behind the `#`, wholly, so that an address
 * can be sent to a colleague who has the same runs. `#/run/ID/table/pairs?sort=margin`.
 */
import { useEffect, useState } from "preact/hooks";

export interface Route {
  /** Decoded parts between slashes; a run's name may hold slashes itself. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** Absent and empty values are left out; of a list each value is one parameter. */
export type RouteQuery = Readonly<
  Record<string, string | readonly string[] | null | undefined>
>;

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function parseRoute(hash: string): Route {
  const text = hash.replace(/^#\/?/, "");
  const mark = text.indexOf("?");
  const path = mark < 0 ? text : text.slice(0, mark);
  return {
    path: path.split("/").filter(Boolean).map(decoded),
    query: new URLSearchParams(mark < 0 ? "" : text.slice(mark + 1)),
  };
}

/** `a=1&b=2`, or nothing. */
export function queryText(query: RouteQuery): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const values = typeof value === "string" ? [value] : (value ?? []);
    for (const each of values) if (each !== "") parameters.append(name, each);
  }
  return parameters.toString();
}

export function addressOf(
  path: readonly (string | number)[],
  query: RouteQuery = {},
): string {
  const text = queryText(query);
  const place = path.map((part) => encodeURIComponent(part)).join("/");
  return `#/${place}${text === "" ? "" : `?${text}`}`;
}

/** Goes to an address; `quietly` without a step of the browser's history. */
export function goTo(address: string, quietly = false): void {
  if (!quietly) {
    location.hash = address;
    return;
  }
  history.replaceState(history.state, "", address);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const follow = (): void => {
      setRoute(parseRoute(location.hash));
    };
    addEventListener("hashchange", follow);
    return () => {
      removeEventListener("hashchange", follow);
    };
  }, []);
  return route;
}
