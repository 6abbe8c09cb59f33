/**
 * @file Many tasks in flight, results taken strictly in the order of their numbers.
 *
 * Task i starts when all but the `lag(i)` tasks right before it have been committed, at
 * the earliest, so what a task may see of the committed state does not depend on which
 * answers came first.
 * Nothing started is abandoned: when one fails, the others are waited for.
 */

export interface OrderedWork<Result> {
  /** Tasks right before task `index` that need not be committed when it starts; ≥ 0. */
  readonly lag: (index: number) => number;
  /** Starts task `index`, or says that there is none left. */
  readonly start: (index: number) => Promise<Result> | undefined;
  /** Takes the result of task `index`; called for 0, 1, 2, … */
  readonly commit: (index: number, result: Result) => void;
}

/** Resolves when `start` has nothing left and everything started is committed. */
export async function orderedWindow<Result>(
  work: OrderedWork<Result>,
): Promise<void> {
  const inFlight: Promise<Result>[] = [];
  let committed = 0;
  const fill = (): void => {
    for (;;) {
      const index = committed + inFlight.length;
      if (inFlight.length > work.lag(index)) return;
      const task = work.start(index);
      if (task === undefined) return;
      // Its failure is seen when its turn comes; until then it must not count as unhandled.
      void task.catch(() => undefined);
      inFlight.push(task);
    }
  };
  try {
    fill();
    for (let task = inFlight[0]; task !== undefined; task = inFlight[0]) {
      work.commit(committed, await task);
      void inFlight.shift();
      committed++;
      fill();
    }
  } finally {
    await Promise.allSettled(inFlight);
  }
}
