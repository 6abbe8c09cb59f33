/**
 * @file How many requests an endpoint may have at once: found by trying, not by
 * configuration.
 *
 * A pure state machine; time comes in as an argument (milliseconds, monotonic).
 * The limit doubles from a small start while throughput still rises (ramp), then
 * grows by a constant step a window (additive increase). Two kinds of evidence
 * stop it: the endpoint says "too many" (multiplicative decrease, one for each
 * burst of refusals), or a higher limit brings no more throughput (the endpoint
 * queues). The level found is the ceiling; it is held, and probed again after
 * pauses that double each time the probe fails, so that the price of looking for
 * more stays small. `Retry-After` closes the endpoint for everyone until then; an
 * endpoint that cannot be reached is tried by one request at a time.
 *
 * Throughput is not read off a clock, where answers that come in bursts blur it, but
 * follows from Little's law: requests in flight / latency, with each answer weighed
 * by its tokens, so that long answers do not look like a slow endpoint.
 *
 * Invariant: `inFlight` is the number of tickets given out and not handed back.
 * It does not queue, sleep or send; `AdmissionGate` does the first two.
 */

export interface AdmissionOptions {
  /** Requests at once to begin with. */
  readonly initial: number;
  /** Never more than this; equal to `initial` for a fixed concurrency. */
  readonly max: number;
}

export const DEFAULT_ADMISSION: AdmissionOptions = { initial: 4, max: 1024 };

/** Leave to send one request; goes back exactly once. */
export interface Ticket {
  /** Number of decreases before it was given out: tickets of one burst share it. */
  readonly epoch: number;
  /** Number of changes of the limit before it was given out. */
  readonly level: number;
  readonly startedAt: number;
}

/** Share of the limit that survives a burst of refusals. */
const DECREASE = 0.75;
/** The part of a higher limit's ideal gain in throughput that justifies it. */
const NEEDED_GAIN = 0.3;
/** Throughput is compared each time the limit has grown by this factor. */
const STRIDE = 1.25;
/** What waiting for an answer costs besides its tokens, counted in tokens. */
const BASE_WORK = 16;
/** A window, the time in which a limit is measured, is at least this long. */
const MIN_WINDOW_MS = 100;
/** … and has at least this many answers. */
const MIN_WINDOW_ANSWERS = 16;
const FIRST_HOLD_MS = 30_000;
const LONGEST_HOLD_MS = 600_000;
/** Nothing in flight for this long: the caller paused, the measurement starts anew. */
const IDLE_MS = 20;
/** Share of a window's answers that may find free places; more, and the rate is the caller's. */
const SLACK = 0.1;
/** Pause after a refusal that names none; doubles while nothing succeeds. */
const FIRST_COOLDOWN_MS = 100;
/** Pause after an endpoint could not be reached; doubles while it cannot. */
const FIRST_OUTAGE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

interface Checkpoint {
  readonly limit: number;
  /** Work a millisecond at that limit. */
  readonly rate: number;
}

export class Admission {
  readonly #max: number;
  #limit: number;
  #inFlight = 0;
  #epoch = 0;
  #ramping: boolean;
  /** Highest limit the evidence allows. */
  #ceiling: number;
  /** Highest limit that went through a window without a refusal. */
  #proven = 0;
  /** Highest limit ever measured, whether it was worth it or not. */
  #highest = 0;
  #checkpoint: Checkpoint | undefined;
  #holdUntil = 0;
  #holdMs = FIRST_HOLD_MS;
  #closedUntil = 0;
  #cooldownMs = FIRST_COOLDOWN_MS;
  #outageMs = FIRST_OUTAGE_MS;
  /** The endpoint could not be reached: one request at a time until it can. */
  #probing = false;
  /** When the endpoint began to refuse everyone, or could no longer be reached. */
  #troubledSince: number | undefined;
  #level = 0;
  #window = emptyWindow(0);
  #lastHandBack = 0;

  constructor(options: AdmissionOptions = DEFAULT_ADMISSION) {
    this.#max = Math.max(1, Math.floor(options.max));
    this.#limit = Math.min(Math.max(1, Math.floor(options.initial)), this.#max);
    this.#ceiling = this.#max;
    this.#ramping = this.#limit < this.#max;
  }

  /** Requests allowed at once now. */
  get limit(): number {
    return this.#probing ? 1 : this.#limit;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Leave to send, or nothing when the endpoint is full or closed. */
  start(now: number): Ticket | undefined {
    if (now < this.#closedUntil) return undefined;
    if (this.#inFlight >= this.limit) {
      this.#window.wanted = true;
      return undefined;
    }
    if (this.#inFlight === 0 && now - this.#lastHandBack > IDLE_MS)
      this.#restartWindow(now);
    this.#inFlight++;
    return { epoch: this.#epoch, level: this.#level, startedAt: now };
  }

  /** When a closed endpoint opens again; undefined when it is not closed. */
  opensAt(now: number): number | undefined {
    return now < this.#closedUntil ? this.#closedUntil : undefined;
  }

  /** Milliseconds since the endpoint began to refuse or to be away; 0 when it answers. */
  troubledMs(now: number): number {
    return this.#troubledSince === undefined ? 0 : now - this.#troubledSince;
  }

  /** The caller has given up; a later one has its own patience. */
  giveUp(): void {
    this.#troubledSince = undefined;
  }

  /** A usable answer came. @param tokens how long it is */
  answered(ticket: Ticket, now: number, tokens: number): void {
    const slack = this.#inFlight < 0.9 * this.limit;
    this.#handBack(now);
    this.#reached();
    this.#troubledSince = undefined;
    if (ticket.epoch !== this.#epoch) return;
    this.#cooldownMs = FIRST_COOLDOWN_MS;
    if (ticket.level !== this.#level) return;
    const window = this.#window;
    // The first to come back are the quick ones: they would flatter the new limit.
    if (window.early < this.#limit && !this.#recovering) {
      window.early++;
      return;
    }
    window.answers++;
    window.work += BASE_WORK + tokens;
    window.waited += now - ticket.startedAt;
    if (slack) window.slack++;
    if (
      window.answers >= Math.max(this.#limit, MIN_WINDOW_ANSWERS) &&
      now - window.since >= MIN_WINDOW_MS
    )
      this.#closeWindow(now);
  }

  /**
   * The endpoint said that it has too much to do, or was too slow to answer.
   * @param retryAfterMs how long it asked us to stay away, if it did
   */
  overloaded(ticket: Ticket, now: number, retryAfterMs?: number): void {
    this.#handBack(now);
    this.#reached();
    this.#troubledSince ??= now;
    if (retryAfterMs !== undefined) this.#close(now + retryAfterMs);
    if (ticket.epoch !== this.#epoch) return;
    if (retryAfterMs === undefined) {
      this.#close(now + this.#cooldownMs);
      this.#cooldownMs = Math.min(2 * this.#cooldownMs, LONGEST_PAUSE_MS);
    }
    this.#decrease(now);
  }

  /** The connection was refused, or there is no way to the host. */
  unreachable(ticket: Ticket, now: number): void {
    this.#handBack(now);
    this.#troubledSince ??= now;
    if (ticket.epoch !== this.#epoch) return;
    this.#epoch++;
    this.#probing = true;
    this.#close(now + this.#outageMs);
    this.#outageMs = Math.min(2 * this.#outageMs, LONGEST_PAUSE_MS);
    this.#restartWindow(now);
  }

  /** Any other failure; says nothing about how much the endpoint can take. */
  failed(now: number): void {
    this.#handBack(now);
    this.#reached();
  }

  /** The request was never sent. */
  withdrawn(now: number): void {
    this.#handBack(now);
  }

  /** On the way back to a limit that is known to work. */
  get #recovering(): boolean {
    return this.#limit < Math.min(this.#proven, this.#ceiling);
  }

  #handBack(now: number): void {
    this.#inFlight--;
    this.#lastHandBack = now;
  }

  #reached(): void {
    this.#probing = false;
    this.#outageMs = FIRST_OUTAGE_MS;
  }

  #close(until: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, until);
  }

  #restartWindow(now: number): void {
    this.#window = emptyWindow(now);
  }

  #decrease(now: number): void {
    this.#epoch++;
    this.#ramping = false;
    if (this.#limit > this.#proven) {
      // The step beyond the proven level failed: the ceiling is just below it.
      this.#ceiling = Math.max(1, this.#limit - 1);
    } else {
      // What used to work no longer does.
      this.#ceiling = Math.max(1, Math.floor(0.95 * this.#limit));
      this.#proven = 0;
    }
    this.#checkpoint = undefined;
    this.#hold(now);
    this.#setLimit(Math.max(1, Math.floor(DECREASE * this.#limit)), now);
  }

  #setLimit(limit: number, now: number): void {
    this.#limit = limit;
    this.#level++;
    this.#restartWindow(now);
  }

  #hold(now: number): void {
    this.#holdUntil = now + this.#holdMs;
    this.#holdMs = Math.min(2 * this.#holdMs, LONGEST_HOLD_MS);
  }

  #closeWindow(now: number): void {
    const { answers, work, waited, slack, wanted } = this.#window;
    this.#restartWindow(now);
    // With places free, the limit was not what kept the rate down.
    if (!wanted || slack > SLACK * answers) return;
    const here = {
      limit: this.#limit,
      rate: (this.#limit * work) / Math.max(waited, 1e-3),
    };
    // New ground: what was learned about waiting before a probe is out of date.
    if (this.#limit > this.#highest) this.#holdMs = FIRST_HOLD_MS;
    this.#highest = Math.max(this.#highest, this.#limit);
    this.#proven = Math.max(this.#proven, this.#limit);
    if (this.#ramping) this.#ramp(here, now);
    else this.#climb(here, now);
  }

  #ramp(here: Checkpoint, now: number): void {
    const before = this.#checkpoint;
    if (before !== undefined && !worthIt(before, here)) {
      this.#ramping = false;
      this.#ceiling = here.limit;
      this.#fallBack(before.limit, now);
      return;
    }
    this.#checkpoint = here;
    if (here.limit >= this.#max) this.#ramping = false;
    else this.#setLimit(Math.min(2 * here.limit, this.#max), now);
  }

  #climb(here: Checkpoint, now: number): void {
    const before = (this.#checkpoint ??= here);
    const due =
      here.limit >= STRIDE * before.limit || here.limit >= this.#ceiling;
    if (here.limit > before.limit && due) {
      if (!worthIt(before, here)) {
        this.#ceiling = before.limit;
        this.#fallBack(before.limit, now);
        return;
      }
      this.#checkpoint = here;
    }
    if (here.limit < this.#ceiling)
      this.#setLimit(Math.min(here.limit + this.#step(), this.#ceiling), now);
    else if (here.limit < this.#max && now >= this.#holdUntil)
      this.#probe(here, now);
  }

  /** A higher limit brought too little: it was possible, but is not a level to return to. */
  #fallBack(limit: number, now: number): void {
    this.#proven = limit;
    this.#hold(now);
    this.#setLimit(limit, now);
  }

  /** Half the way back to the proven level, a sixteenth of the limit beyond it. */
  #step(): number {
    if (this.#recovering)
      return Math.max(1, Math.floor((this.#proven - this.#limit) / 2));
    const base = this.#checkpoint?.limit ?? this.#limit;
    return Math.max(1, Math.floor(base / 16));
  }

  /** Tries a little more than the ceiling; if it succeeds, the next try follows at once. */
  #probe(here: Checkpoint, now: number): void {
    this.#checkpoint = here;
    this.#ceiling = Math.min(
      this.#max,
      Math.max(here.limit + 1, Math.ceil(STRIDE * here.limit)),
    );
    this.#setLimit(Math.min(here.limit + this.#step(), this.#ceiling), now);
  }
}

function emptyWindow(since: number) {
  return {
    since,
    early: 0,
    answers: 0,
    work: 0,
    waited: 0,
    slack: 0,
    wanted: false,
  };
}

/** Whether the higher limit brought enough of the throughput that it might have. */
function worthIt(before: Checkpoint, here: Checkpoint): boolean {
  const idealGain = here.limit / before.limit - 1;
  return here.rate >= (1 + NEEDED_GAIN * idealGain) * before.rate;
}
