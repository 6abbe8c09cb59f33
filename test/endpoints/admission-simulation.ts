/**
 * @file A simulated endpoint for the tests of `Admission`: time is a number, so a
 * run of minutes takes milliseconds and always comes out the same.
 *
 * There is always another request waiting. The endpoint works on `capacity`
 * requests at once, each for `latencyMs` (on average, where lengths vary); more are
 * queued or refused.
 */
import { randomStream } from "../../src/foundation/random.js";
import type {
  Admission,
  Ticket,
} from "../../src/endpoints/transport/admission.js";

export interface Simulation {
  readonly admission: Admission;
  readonly latencyMs: number;
  readonly capacity: number;
  readonly beyond: "queue" | "refuse";
  /** Answers have 1 to 199 tokens, and take their time accordingly; else all 100. */
  readonly lengthsVary?: boolean;
  readonly startMs?: number;
  readonly durationMs: number;
  /** After the start; answers before it are not counted. */
  readonly measureFromMs: number;
}

interface Event {
  readonly at: number;
  readonly ticket: Ticket;
  readonly answered: boolean;
  readonly tokens: number;
}

/** How long a refusal takes. */
const REFUSAL_MS = 2;

export function simulate(simulation: Simulation): {
  readonly answeredWhileMeasured: number;
} {
  const { admission, latencyMs, capacity, beyond } = simulation;
  const start = simulation.startMs ?? 0;
  const end = start + simulation.durationMs;
  const random = randomStream(7, "answer lengths");
  // Sorted by time.
  const events: Event[] = [];
  const queued: Ticket[] = [];
  let busy = 0;
  let answered = 0;

  const schedule = (event: Event): void => {
    let place = events.length;
    while (place > 0 && (events[place - 1] as Event).at > event.at) place--;
    events.splice(place, 0, event);
  };
  const arrive = (ticket: Ticket, now: number): void => {
    if (busy < capacity) {
      busy++;
      const tokens = simulation.lengthsVary ? 1 + random.integer(199) : 100;
      const at = now + (latencyMs * tokens) / 100;
      schedule({ at, ticket, answered: true, tokens });
    } else if (beyond === "queue") queued.push(ticket);
    else schedule({ at: now + REFUSAL_MS, ticket, answered: false, tokens: 0 });
  };
  const pump = (now: number): void => {
    for (;;) {
      const ticket = admission.start(now);
      if (ticket === undefined) return;
      arrive(ticket, now);
    }
  };

  let now = start;
  pump(now);
  while (now < end) {
    const opens = admission.opensAt(now) ?? Number.POSITIVE_INFINITY;
    const next = events[0]?.at ?? Number.POSITIVE_INFINITY;
    now = Math.min(opens, next);
    if (next <= now) {
      const event = events.shift() as Event;
      if (event.answered) {
        busy--;
        const waiting = queued.shift();
        if (waiting !== undefined) arrive(waiting, now);
        if (now >= start + simulation.measureFromMs) answered++;
        admission.answered(event.ticket, now, event.tokens);
      } else admission.overloaded(event.ticket, now);
    }
    pump(now);
  }
  // The world ends with the simulation: what is in flight goes back unused.
  for (let left = events.length + queued.length; left > 0; left--)
    admission.withdrawn(now);
  return { answeredWhileMeasured: answered };
}
