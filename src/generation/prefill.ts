/**
 * @file Keys and values of prompts: what several prompts begin with is computed once.
 *
 * The tree of shared beginnings is made of all prompts at first; its nodes are computed
 * when the first prompt below them is asked for and forgotten after the last one.
 */
import { callTokens } from "../models/call-size.js";
import {
  extend,
  type Extension,
  type InferenceModel,
} from "../models/inference-calls.js";
import { segmentOf, type Segment } from "../models/key-value-cache.js";
import {
  prefixLeaves,
  type PrefixNode,
  type SharingLimits,
} from "./prefix-tree.js";

/** Shorter stretches cost more in smaller batches than they spare. */
const SHARING: SharingLimits = { shortest: 16, spared: 64, longest: 512 };
/** Most tokens in a call of a small model, padding included. */
const CALL_TOKENS = 2048;
/** Stretches shorter than this share of the longest are computed apart from it. */
const ALIKE_SHARE = 0.75;
/** Fewer rows than this do not get a call of their own for their lengths' sake. */
const SMALLEST_CALL = 8;

/** A prompt that was computed. */
export interface Prefilled {
  /** After the last token, [vocabulary]; valid until the next call. */
  readonly logits: Float32Array;
  /** Keys and values of its tokens, one part after the other. */
  readonly segments: () => readonly Segment[];
}

/** What is heard of, and told to, while prompts are computed. */
export interface PrefillOptions {
  /** Looked at before each call. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the tokens that were computed since the last time. */
  readonly onTokens?: ((tokens: number) => void) | undefined;
}

export class Prefill {
  /** Tokens to be computed for all prompts, what they share counted once. */
  readonly tokens: number;
  /** Prompts in the order in which they are best asked for: alike ones together, long ones first. */
  readonly order: readonly number[];
  readonly #model: InferenceModel;
  readonly #callTokens: number;
  readonly #leaves: ReadonlyMap<number, PrefixNode>;
  readonly #segments = new Map<PrefixNode, Segment>();
  /** Prompts below each node that were not asked for yet. */
  readonly #waiting = new Map<PrefixNode, number>();

  constructor(
    model: InferenceModel,
    prompts: readonly (readonly number[])[],
    limits: SharingLimits = SHARING,
  ) {
    this.#model = model;
    this.#callTokens = callTokens(model.config, CALL_TOKENS);
    const longest = Math.min(limits.longest, this.#callTokens);
    const leaves = prefixLeaves(prompts, { ...limits, longest });
    this.order = leaves.flatMap(({ members }) => members);
    this.#leaves = new Map(
      leaves.flatMap((leaf) => leaf.members.map((index) => [index, leaf])),
    );
    for (const leaf of this.#leaves.values())
      for (const node of ancestors(leaf))
        this.#waiting.set(node, (this.#waiting.get(node) ?? 0) + 1);
    this.tokens = [...leaves, ...this.#waiting.keys()].reduce(
      (sum, { start, end }) => sum + end - start,
      0,
    );
  }

  /** Computes some of the prompts, each of which may be asked for once, in any grouping. */
  async compute(
    indices: readonly number[],
    use: (index: number, prefilled: Prefilled) => void,
    options: PrefillOptions = {},
  ): Promise<void> {
    const members = new Map<PrefixNode, number[]>();
    for (const index of indices) {
      const leaf = this.#leaves.get(index) as PrefixNode;
      members.set(leaf, [...(members.get(leaf) ?? []), index]);
    }
    await this.#computeAncestors([...members.keys()], options);
    await this.#extendEach(
      [...members.keys()],
      (leaf, logits, segment) => {
        const path = ancestors(leaf).map(
          (node) => this.#segments.get(node) as Segment,
        );
        const prefilled = { logits, segments: () => [...path, segment()] };
        for (const index of members.get(leaf) ?? []) use(index, prefilled);
      },
      options,
    );
    for (const [leaf, { length }] of members) {
      for (const node of ancestors(leaf)) {
        const left = (this.#waiting.get(node) ?? 0) - length;
        this.#waiting.set(node, left);
        if (left === 0) this.#segments.delete(node);
      }
    }
  }

  /** Level by level, from the root on. */
  async #computeAncestors(
    leaves: readonly PrefixNode[],
    options: PrefillOptions,
  ): Promise<void> {
    const missing = new Set(
      leaves.flatMap(ancestors).filter((node) => !this.#segments.has(node)),
    );
    while (missing.size > 0) {
      const ready = [...missing].filter(
        ({ parent }) => parent === null || this.#segments.has(parent),
      );
      await this.#extendEach(
        ready,
        (node, _, segment) => {
          this.#segments.set(node, segment());
          missing.delete(node);
        },
        options,
      );
    }
  }

  /** Computes nodes whose parents are there, those of one parent together. */
  async #extendEach(
    nodes: readonly PrefixNode[],
    use: (
      node: PrefixNode,
      logits: Float32Array,
      segment: () => Segment,
    ) => void,
    { signal, onTokens }: PrefillOptions,
  ): Promise<void> {
    const { config } = this.#model;
    for (const [parent, siblings] of byParent(nodes)) {
      const prefix =
        parent === null
          ? []
          : [...ancestors(parent), parent].map(
              (node) => this.#segments.get(node) as Segment,
            );
      for (const rows of calls(siblings, this.#callTokens)) {
        signal?.throwIfAborted();
        const extension: Extension = await extend(this.#model, {
          prefix,
          rows: rows.map(({ ids, start, end }) => ids.slice(start, end)),
        });
        rows.forEach((node, row) => {
          const first = row * config.vocabSize;
          use(
            node,
            extension.logits.subarray(first, first + config.vocabSize),
            () =>
              segmentOf(config, extension.made, {
                row,
                length: node.end - node.start,
              }),
          );
        });
        onTokens?.(rows.reduce((sum, { start, end }) => sum + end - start, 0));
      }
    }
  }
}

/** The nodes above, from the root on. */
function ancestors({ parent }: PrefixNode): PrefixNode[] {
  return parent === null ? [] : [...ancestors(parent), parent];
}

function byParent(
  nodes: readonly PrefixNode[],
): Map<PrefixNode | null, PrefixNode[]> {
  const groups = new Map<PrefixNode | null, PrefixNode[]>();
  for (const node of nodes) {
    const group = groups.get(node.parent);
    if (group === undefined) groups.set(node.parent, [node]);
    else group.push(node);
  }
  return groups;
}

/** Cut into calls: within the tokens of one, and with little padding. */
function calls(
  nodes: readonly PrefixNode[],
  mostTokens: number,
): PrefixNode[][] {
  const size = ({ start, end }: PrefixNode): number => end - start;
  const groups: PrefixNode[][] = [];
  for (const node of [...nodes].sort((a, b) => size(b) - size(a))) {
    const group = groups.at(-1);
    const longest = group?.[0] === undefined ? 0 : size(group[0]);
    const fits =
      group !== undefined &&
      (group.length + 1) * longest <= mostTokens &&
      (group.length < SMALLEST_CALL || size(node) >= longest * ALIKE_SHARE);
    if (fits) group.push(node);
    else groups.push([node]);
  }
  return groups;
}
