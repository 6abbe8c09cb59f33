/**
 * @file Waiting for several answers without abandoning any: what one failure cuts off
 * has been paid for and must still be kept.
 */

/** All results in order. @throws the first failure in order, after every task has ended */
export async function settledAll<T>(
  tasks: readonly Promise<T>[],
): Promise<readonly T[]> {
  await Promise.allSettled(tasks);
  return Promise.all(tasks);
}
