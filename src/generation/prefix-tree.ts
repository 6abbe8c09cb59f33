/**
 * @file Which beginnings several token sequences share, as a tree: each node is a
 * stretch of tokens that is computed once for everything below it.
 *
 * Only stretches that pay are nodes: long enough, and sparing enough tokens. Sequences
 * that are equal are one leaf. Pure; the tree depends on the sequences only.
 */

export interface PrefixNode {
  readonly parent: PrefixNode | null;
  /** Tokens before this node's own. */
  readonly start: number;
  /** Tokens up to its end; a leaf's is the whole sequence. */
  readonly end: number;
  /** One of the sequences that begin so. */
  readonly ids: readonly number[];
  /** Nodes that go on from here; none for a leaf. */
  readonly children: PrefixNode[];
  /** For a leaf, the indices of the sequences that it is. */
  readonly members: readonly number[];
  /** Longest sequence below. */
  readonly longest: number;
}

export interface SharingLimits {
  /** Fewest tokens of a shared stretch. */
  readonly shortest: number;
  /** Fewest tokens that sharing it spares. */
  readonly spared: number;
  /** Most tokens of a stretch; longer ones are cut, shared or not, as attention's memory grows with them. */
  readonly longest: number;
}

/** The leaves, those that share something next to each other, long sequences first. */
export function prefixLeaves(
  sequences: readonly (readonly number[])[],
  limits: SharingLimits,
): PrefixNode[] {
  const order = sequences
    .map((_, index) => index)
    .sort(
      (a, b) => compareTokens(sequences[a] ?? [], sequences[b] ?? []) || a - b,
    );
  const groups: number[][] = [];
  for (const index of order) {
    const last = groups.at(-1);
    const ids = sequences[index] ?? [];
    if (
      last !== undefined &&
      compareTokens(sequences[last[0] ?? 0] ?? [], ids) === 0
    )
      last.push(index);
    else groups.push([index]);
  }
  const distinct = groups.map((members): Distinct => {
    return { ids: sequences[members[0] ?? 0] ?? [], members };
  });
  const root = branch(distinct, null, limits);
  return leavesOf(sorted(root));
}

/** Sequences that are equal to each other, and different from all others. */
interface Distinct {
  readonly ids: readonly number[];
  readonly members: readonly number[];
}

/** Nodes for sorted sequences that share at least what `parent` ends with. */
function branch(
  items: readonly Distinct[],
  parent: PrefixNode | null,
  limits: SharingLimits,
): PrefixNode[] {
  const start = parent?.end ?? 0;
  const nodes: PrefixNode[] = [];
  for (let first = 0; first < items.length;) {
    const stretch = bestStretch(items.slice(first), start, limits);
    const { count } = stretch;
    const end = Math.min(stretch.end, start + limits.longest);
    const taken = items.slice(first, first + count);
    const ids = taken[0]?.ids ?? [];
    const isLeaf = count === 1 && end === stretch.end;
    const longest = Math.max(...taken.map((item) => item.ids.length));
    const node: PrefixNode = {
      parent,
      start,
      end,
      ids,
      children: [],
      members: isLeaf ? (taken[0]?.members ?? []) : [],
      longest,
    };
    if (!isLeaf) node.children.push(...branch(taken, node, limits));
    nodes.push(node);
    first += count;
  }
  return nodes;
}

/** From the first sequence on: how many to join, up to which token, so that most is spared. */
function bestStretch(
  items: readonly Distinct[],
  start: number,
  limits: SharingLimits,
): { readonly end: number; readonly count: number } {
  const alone = { end: items[0]?.ids.length ?? 0, count: 1 };
  let best = alone;
  let most = 0;
  let end = Number.POSITIVE_INFINITY;
  for (let count = 2; count <= items.length; count++) {
    const [before, item] = [items[count - 2], items[count - 1]];
    // A sequence keeps at least one token of its own: what it is asked for follows that.
    end = Math.min(end, commonLength(before?.ids ?? [], item?.ids ?? []));
    const usable = Math.min(end, (items[0]?.ids.length ?? 0) - 1);
    const length = usable - start;
    if (length < limits.shortest) break;
    const spared = (count - 1) * length;
    if (spared >= limits.spared && spared >= most) {
      most = spared;
      best = { end: usable, count };
    }
  }
  return best;
}

function commonLength(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function compareTokens(a: readonly number[], b: readonly number[]): number {
  const length = commonLength(a, b);
  if (length === a.length || length === b.length) return a.length - b.length;
  return (a[length] ?? 0) - (b[length] ?? 0);
}

/** Nodes with the longest sequences first, all the way down. */
function sorted(nodes: PrefixNode[]): PrefixNode[] {
  for (const { children } of nodes) sorted(children);
  return nodes.sort((a, b) => b.longest - a.longest);
}

function leavesOf(nodes: readonly PrefixNode[]): PrefixNode[] {
  return nodes.flatMap((node) =>
    node.children.length === 0 ? [node] : leavesOf(node.children),
  );
}
