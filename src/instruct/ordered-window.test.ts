import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orderedWindow } from "./ordered-window.js";

interface Deferred {
  readonly promise: Promise<number>;
  readonly resolve: (value: number) => void;
}

function deferred(): Deferred {
  let resolve: (value: number) => void = () => undefined;
  const promise = new Promise<number>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const turns = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

describe("a window of ordered work", () => {
  it("commits in order whatever the order of results, and starts task i as soon as all but lag(i) before it are committed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 12 }),
        async (most, choices) => {
          const lag = (index: number): number =>
            Math.min(most - 1, Math.floor(index / 2));
          const total = choices.length;
          const tasks: Deferred[] = [];
          const log: string[] = [];
          const work = orderedWindow<number>({
            lag,
            start: (index) => {
              if (index === total) return undefined;
              log.push(`start ${index}`);
              const task = deferred();
              tasks[index] = task;
              return task.promise;
            },
            commit: (index, result) => {
              expect(result).toBe(index * 10);
              log.push(`commit ${index}`);
            },
          });
          const settled = new Set<number>();
          for (const choice of choices) {
            const open = [...tasks.keys()].filter((i) => !settled.has(i));
            const pick = open[choice % open.length] ?? 0;
            settled.add(pick);
            tasks[pick]?.resolve(pick * 10);
            await turns();
          }
          await work;
          // The log of committing one after the other, and starting what that allows.
          const expected: string[] = [];
          let started = 0;
          for (let committed = 0; committed <= total; committed++) {
            if (committed > 0) expected.push(`commit ${committed - 1}`);
            while (started < total && started - lag(started) <= committed)
              expected.push(`start ${started++}`);
          }
          expect(log).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("waits for everything in flight when a task fails, and throws its error", async () => {
    const slow = deferred();
    let ended = false;
    const work = orderedWindow<number>({
      lag: () => 2,
      start: (index) =>
        index === 0
          ? Promise.reject(new Error("no"))
          : index === 1
            ? slow.promise
            : undefined,
      commit: () => undefined,
    }).finally(() => {
      ended = true;
    });
    work.catch(() => undefined);
    await turns();
    expect(ended).toBe(false);
    slow.resolve(1);
    await expect(work).rejects.toThrow("no");
  });

  it("goes on when a task that was refused a start gets one after a commit", async () => {
    let allowed = 1;
    const committed: number[] = [];
    await orderedWindow<number>({
      lag: () => 3,
      start: (index) => (index < allowed ? Promise.resolve(index) : undefined),
      commit: (index) => {
        committed.push(index);
        if (allowed < 5) allowed++;
      },
    });
    expect(committed).toEqual([0, 1, 2, 3, 4]);
  });
});
