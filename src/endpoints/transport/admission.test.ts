import { describe, expect, it } from "vitest";
import { Admission } from "./admission.js";
import { simulate } from "../../../test/endpoints/admission-simulation.js";

describe("Admission", () => {
  it("gives out as many tickets as its limit and no more", () => {
    const admission = new Admission({ initial: 3, max: 10 });
    const tickets = [0, 0, 0, 0].map((now) => admission.start(now));
    expect(tickets.map((ticket) => ticket !== undefined)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(admission.inFlight).toBe(3);
  });

  it("decreases once for a burst of refusals, to three quarters", () => {
    const admission = new Admission({ initial: 16, max: 16 });
    const burst = take(admission, 16, 0);
    for (const ticket of burst) admission.overloaded(ticket, 10);
    expect(admission.limit).toBe(12);
    // Tickets given out after the decrease are a new burst.
    const next = take(admission, 12, 5000);
    for (const ticket of next) admission.overloaded(ticket, 5010);
    expect(admission.limit).toBe(9);
  });

  it("never goes below one request at a time", () => {
    const admission = new Admission({ initial: 2, max: 8 });
    let now = 0;
    for (let burst = 0; burst < 20; burst++) {
      now += 60_000;
      for (const ticket of take(admission, 1, now))
        admission.overloaded(ticket, now);
    }
    expect(admission.limit).toBe(1);
  });

  it("stays closed for everyone until the time that Retry-After names", () => {
    const admission = new Admission({ initial: 4, max: 8 });
    const [first] = take(admission, 1, 1000);
    admission.overloaded(first as never, 1000, 7000);
    expect(admission.start(7999)).toBeUndefined();
    expect(admission.opensAt(7999)).toBe(8000);
    expect(admission.start(8000)).toBeDefined();
    expect(admission.opensAt(8000)).toBeUndefined();
  });

  it("lengthens the pause after refusals without Retry-After while nothing succeeds", () => {
    const admission = new Admission({ initial: 4, max: 8 });
    const pauses: number[] = [];
    let now = 0;
    for (let burst = 0; burst < 3; burst++) {
      const [ticket] = take(admission, 1, now);
      admission.overloaded(ticket as never, now);
      const opens = admission.opensAt(now) ?? now;
      pauses.push(opens - now);
      now = opens;
    }
    expect(pauses).toEqual([100, 200, 400]);
  });

  it("tries an endpoint that cannot be reached with one request, later each time", () => {
    const admission = new Admission({ initial: 8, max: 8 });
    const burst = take(admission, 8, 0);
    for (const ticket of burst) admission.unreachable(ticket, 0);
    expect(admission.opensAt(0)).toBe(250);
    const second = take(admission, 8, 250);
    expect(second).toHaveLength(1);
    admission.unreachable(second[0] as never, 250);
    expect(admission.opensAt(250)).toBe(750);
    const third = take(admission, 8, 750);
    expect(third).toHaveLength(1);
    admission.answered(third[0] as never, 760, 1);
    expect(take(admission, 99, 760)).toHaveLength(8);
  });

  it("measures trouble from its first sign to the next answer", () => {
    const admission = new Admission({ initial: 4, max: 8 });
    const [a, b, c] = take(admission, 3, 0);
    expect(admission.troubledMs(0)).toBe(0);
    admission.unreachable(a as never, 100);
    admission.overloaded(b as never, 200);
    expect(admission.troubledMs(1100)).toBe(1000);
    admission.answered(c as never, 1200, 1);
    expect(admission.troubledMs(1300)).toBe(0);
  });

  it("starts a new measure of trouble after the caller gave up", () => {
    const admission = new Admission({ initial: 4, max: 8 });
    const [first] = take(admission, 1, 0);
    admission.unreachable(first as never, 0);
    admission.giveUp();
    const [second] = take(admission, 1, 60_000);
    admission.unreachable(second as never, 60_000);
    expect(admission.troubledMs(60_500)).toBe(500);
  });

  it("does not take the caller's idleness for the endpoint's limit", () => {
    const admission = new Admission({ initial: 4, max: 64 });
    // Two requests at a time, never more: nothing was learned about four.
    for (let now = 0; now < 100_000; now += 200) {
      for (const ticket of take(admission, 2, now))
        admission.answered(ticket, now + 200, 1);
    }
    expect(admission.limit).toBe(4);
  });
});

describe("Admission against a simulated endpoint with 200 ms latency", () => {
  it.each([
    { capacity: 10, beyond: "queue" },
    { capacity: 73, beyond: "queue" },
    { capacity: 100, beyond: "queue" },
    { capacity: 300, beyond: "queue" },
    { capacity: 10, beyond: "refuse" },
    { capacity: 100, beyond: "refuse" },
    { capacity: 300, beyond: "refuse" },
    { capacity: 10, beyond: "queue", lengthsVary: true },
    { capacity: 100, beyond: "queue", lengthsVary: true },
    { capacity: 100, beyond: "refuse", lengthsVary: true },
  ] as const)(
    "finds 90 % of the best throughput: %o",
    ({ capacity, beyond, ...rest }) => {
      const result = simulate({
        admission: new Admission(),
        latencyMs: 200,
        capacity,
        beyond,
        ...rest,
        durationMs: 120_000,
        measureFromMs: 30_000,
      });
      // The best fixed setting keeps every place at the endpoint busy.
      const best = (capacity / 200) * 90_000;
      expect(result.answeredWhileMeasured).toBeGreaterThan(0.9 * best);
    },
  );

  it("grows to its maximum where the endpoint has no limit", () => {
    const admission = new Admission({ initial: 4, max: 256 });
    simulate({
      admission,
      latencyMs: 200,
      capacity: Number.POSITIVE_INFINITY,
      beyond: "queue",
      durationMs: 10_000,
      measureFromMs: 0,
    });
    expect(admission.limit).toBe(256);
  });

  it.each([false, true])(
    "does not pile requests onto an endpoint that only queues them (lengths vary: %s)",
    (lengthsVary) => {
      const admission = new Admission();
      simulate({
        admission,
        latencyMs: 1000,
        capacity: 4,
        beyond: "queue",
        lengthsVary,
        durationMs: 600_000,
        measureFromMs: 0,
      });
      expect(admission.limit).toBeLessThanOrEqual(10);
      expect(admission.limit).toBeGreaterThanOrEqual(4);
    },
  );

  it("follows a capacity that drops in the middle of a run", () => {
    const admission = new Admission();
    const world = { latencyMs: 200, beyond: "refuse" } as const;
    simulate({
      ...world,
      admission,
      capacity: 200,
      durationMs: 30_000,
      measureFromMs: 0,
    });
    const after = simulate({
      ...world,
      admission,
      capacity: 50,
      durationMs: 90_000,
      measureFromMs: 30_000,
      startMs: 30_000,
    });
    expect(after.answeredWhileMeasured).toBeGreaterThan(
      0.85 * (50 / 200) * 60_000,
    );
    expect(admission.limit).toBeLessThanOrEqual(60);
  });
});

function take(admission: Admission, most: number, now: number) {
  const tickets = [];
  for (let count = 0; count < most; count++) {
    const ticket = admission.start(now);
    if (ticket === undefined) break;
    tickets.push(ticket);
  }
  return tickets;
}
