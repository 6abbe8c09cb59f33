import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { manualClock } from "../../foundation/clock.js";
import { Admission } from "./admission.js";
import { AdmissionGate } from "./admission-gate.js";
import type { Cancellable } from "./admission-gate.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp(limit: number) {
  const clock = manualClock();
  const gate = new AdmissionGate(
    new Admission({ initial: limit, max: limit }),
    clock,
  );
  const entered: string[] = [];
  const enter = (name: string, group: Cancellable = {}) =>
    gate.enter(group).then(
      (ticket) => {
        entered.push(name);
        return ticket;
      },
      (reason: unknown) => {
        entered.push(`${name}: ${String(reason)}`);
        return undefined;
      },
    );
  const pass = async (milliseconds: number) => {
    clock.advance(milliseconds);
    await vi.advanceTimersByTimeAsync(milliseconds);
  };
  return { gate, entered, enter, pass };
}

describe("AdmissionGate", () => {
  it("lets requests in by turns, one for each that leaves", async () => {
    const { gate, entered, enter } = setUp(2);
    const first = enter("a");
    void enter("b");
    void enter("c");
    void enter("d");
    const ticket = await first;
    expect(entered).toEqual(["a", "b"]);
    expect(gate.waiting).toBe(2);
    if (ticket !== undefined) gate.answered(ticket, 1);
    await Promise.resolve();
    expect(entered).toEqual(["a", "b", "c"]);
    gate.failed();
    gate.withdrawn();
    await Promise.resolve();
    expect(entered).toEqual(["a", "b", "c", "d"]);
  });

  it("opens by itself when Retry-After is over", async () => {
    const { gate, entered, enter, pass } = setUp(2);
    const ticket = await enter("a");
    if (ticket !== undefined) gate.overloaded(ticket, 3000);
    void enter("b");
    await pass(2999);
    expect(entered).toEqual(["a"]);
    await pass(1);
    expect(entered).toEqual(["a", "b"]);
  });

  it("refuses a cancelled group and leaves the others waiting", async () => {
    const { gate, entered, enter } = setUp(1);
    const ticket = await enter("a");
    const group: Cancellable = {};
    void enter("b", group);
    void enter("c");
    gate.cancel(group, new Error("enough"));
    await enter("late", group);
    expect(entered).toEqual(["a", "b: Error: enough", "late: Error: enough"]);
    if (ticket !== undefined) gate.answered(ticket, 1);
    await Promise.resolve();
    expect(entered.at(-1)).toBe("c");
  });
});
