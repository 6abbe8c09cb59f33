/**
 * @file What differs between two JSON values, key by key, for people.
 *
 * Used when a run is opened with another recipe than the one it was made with.
 */
import { canonicalJson } from "../foundation/hash.js";

export interface Difference {
  /** Dotted path, array positions in brackets: `rounds.prompts`, `arms[1].reward`. */
  readonly key: string;
  /** Value in the first argument; `undefined` where the key is absent. */
  readonly left: unknown;
  /** Value in the second argument; `undefined` where the key is absent. */
  readonly right: unknown;
}

/** Every leaf at which `left` and `right` differ, keys in sorted order. */
export function describeDifference(
  left: unknown,
  right: unknown,
): Difference[] {
  const found: Difference[] = [];
  collect({ key: "", left, right }, found);
  return found;
}

/** One sentence part per difference: `rounds: 2 recorded, 3 asked for`. */
export function formatDifferences(differences: readonly Difference[]): string {
  return differences
    .map(
      ({ key, left, right }) =>
        `${key === "" ? "(whole value)" : key}: ${show(left)} recorded, ${show(right)} asked for`,
    )
    .join("; ");
}

function collect(pair: Difference, found: Difference[]): void {
  const { key, left, right } = pair;
  if (
    isBranch(left) &&
    isBranch(right) &&
    Array.isArray(left) === Array.isArray(right)
  ) {
    const members = new Set([...Object.keys(left), ...Object.keys(right)]);
    const ordered = Array.isArray(left) ? [...members] : [...members].sort();
    for (const member of ordered) {
      collect(
        {
          key: memberKey(key, member, Array.isArray(left)),
          left: left[member],
          right: right[member],
        },
        found,
      );
    }
  } else if (!sameLeaf(left, right)) {
    found.push(pair);
  }
}

/** JSON has no `undefined`, so an absent key must be told from `null` first. */
function sameLeaf(left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) return left === right;
  return canonicalJson(left) === canonicalJson(right);
}

function isBranch(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function memberKey(parent: string, member: string, inArray: boolean): string {
  if (inArray) return `${parent}[${member}]`;
  return parent === "" ? member : `${parent}.${member}`;
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : canonicalJson(value);
}
