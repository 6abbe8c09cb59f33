/**
 * @file Several shards' candidates as if one filter had seen them all.
 *
 * The result is defined by one order of all candidates: by `order`, and among
 * equals by the number of the shard. Whatever way the candidates were spread, the
 * merge decides as a single filter that was offered them in this order.
 *
 * That needs every candidate of every shard, the rejected ones too: what rejected
 * a candidate in its shard may itself be rejected by another shard's member, and
 * then the candidate is new after all. For the same reason a shard's decisions
 * cannot be taken over, and all candidates are offered again, which costs what
 * one filter costs.
 */
import { AutodidactError } from "../foundation/error.js";
import type { NoveltyIndex, Offer } from "./novelty-index.js";

export interface ShardCandidate {
  /** Place among the candidates of all shards; rises within a shard. */
  readonly order: number;
  readonly tokens: readonly string[];
}

export interface MergedCandidate<T extends ShardCandidate> {
  readonly candidate: T;
  /** Number of the shard it came from. */
  readonly shard: number;
  readonly offer: Offer;
}

/**
 * Offers the candidates of all shards to `index`, which holds the pool that
 * every shard began with, and yields them in the defined order.
 * @throws BAD_INPUT if the candidates of a shard are not in order
 */
export function* mergeShards<T extends ShardCandidate>(
  shards: readonly Iterable<T>[],
  index: NoveltyIndex,
): Generator<MergedCandidate<T>> {
  const heads = shards.map((candidates, shard) => {
    const iterator = candidates[Symbol.iterator]();
    return { shard, iterator, head: iterator.next() };
  });
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads) {
      if (head.head.done === true) continue;
      const order = first?.head.value as T | undefined;
      if (order === undefined || head.head.value.order < order.order) {
        first = head;
      }
    }
    if (first === undefined) return;
    const candidate = first.head.value as T;
    const { shard } = first;
    first.head = first.iterator.next();
    if (first.head.done !== true && first.head.value.order < candidate.order) {
      throw outOfOrder(shard, candidate.order, first.head.value.order);
    }
    yield { candidate, shard, offer: index.offer(candidate.tokens) };
  }
}

function outOfOrder(
  shard: number,
  before: number,
  after: number,
): AutodidactError {
  return new AutodidactError(
    "BAD_INPUT",
    `Shard ${shard} has candidate ${after} after candidate ${before}. Each shard must be sorted by its candidates' order; sort it and merge again.`,
    { shard, before, after },
  );
}
