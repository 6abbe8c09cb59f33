/**
 * @file The texts in JSON: every string of it, those of JSON within strings as well. What
 * cannot be read as JSON, such as JSON that was cut, stands for itself.
 */

/** Levels of JSON within JSON. */
const MOST_NESTED = 20;

export function stringsIn(json: string): string {
  const found: string[] = [];
  collect(json, found, 0);
  return found.join("\n");
}

function collect(value: unknown, found: string[], depth: number): void {
  if (depth > MOST_NESTED) return;
  if (typeof value === "string") {
    const inner = /^\s*[[{]/u.test(value) ? parsed(value) : undefined;
    found.push(value);
    if (typeof inner === "object") collect(inner, found, depth + 1);
  } else if (typeof value === "object" && value !== null)
    for (const member of Object.values(value))
      collect(member, found, depth + 1);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
