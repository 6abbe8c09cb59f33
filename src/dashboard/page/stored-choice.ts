/**
 * @file A choice of the person at the page, kept by their browser. Where the browser
 * keeps nothing (private windows), the choice holds until the page is closed.
 */
import { useState } from "preact/hooks";

function read(name: string): string | null {
  try {
    return localStorage.getItem(`autodidact.${name}`);
  } catch {
    return null;
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`autodidact.${name}`, value);
  } catch {
    // A browser that keeps nothing still shows the page.
  }
}

/** @returns the choice, null where none was made, and what makes it */
export function useStoredChoice(
  name: string,
): [string | null, (value: string) => void] {
  const [value, setValue] = useState(() => read(name));
  return [
    value,
    (chosen) => {
      keep(name, chosen);
      setValue(chosen);
    },
  ];
}
