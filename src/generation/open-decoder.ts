/**
 * @file Decoding for requests that come one by one: each joins the batch that is running
 * as soon as there are slots for it, in the order in which they came.
 *
 * Prompts are read while others write: both take turns at the runtime, call by call.
 * What was read joins between two steps. Owner of the batch, which is let go when nothing
 * is left to write.
 */
import {
  DecodingBatch,
  type DecodedSample,
  type DecodingModel,
  type DecodingRequest,
} from "./decoding-batch.js";
import { Prefill, type Prefilled } from "./prefill.js";

/** Positions for which a new batch has memory; longer sequences make it grow. */
const FIRST_POSITIONS = 256;

interface Ticket {
  readonly request: DecodingRequest;
  readonly signal: AbortSignal;
  readonly samples: DecodedSample[];
  readonly resolve: (samples: DecodedSample[]) => void;
  readonly reject: (reason: unknown) => void;
  /** Samples that have not ended. */
  missing: number;
}

export class OpenDecoder {
  /** Most sequences generated at once, and most samples of a request. */
  readonly slots: number;
  readonly #model: DecodingModel;
  readonly #waiting = new Set<Ticket>();
  /** Read, and about to join. */
  readonly #ready = new Map<Ticket, Prefilled>();
  /** In the batch. */
  readonly #writing = new Set<Ticket>();
  /** Slots in use, or promised to prompts that are being read. */
  #taken = 0;
  #batch: DecodingBatch | null = null;
  #reads = false;
  #writes = false;

  constructor(model: DecodingModel, slots: number) {
    this.#model = model;
    this.slots = slots;
  }

  /**
   * The samples of one request, of at most `slots` of them.
   * @throws the signal's reason, once the runtime's call is over
   */
  decode(
    request: DecodingRequest,
    signal: AbortSignal,
  ): Promise<DecodedSample[]> {
    return new Promise((resolve, reject) => {
      const missing = request.n;
      const samples = new Array<DecodedSample>(missing);
      this.#waiting.add({ request, signal, samples, resolve, reject, missing });
      this.#wake();
    });
  }

  #wake(): void {
    if (!this.#reads && this.#waiting.size > 0) void this.#read();
    if (!this.#writes && this.#ready.size > 0) void this.#write();
  }

  /** Reads the prompts for which there are slots, those that came at once together. */
  async #read(): Promise<void> {
    this.#reads = true;
    for (;;) {
      await new Promise(setImmediate);
      const group = this.#takeFitting();
      if (group.length === 0) break;
      const unread = new Set(group);
      try {
        const prefill = new Prefill(
          this.#model,
          group.map(({ request }) => request.promptIds),
        );
        await prefill.compute(prefill.order, (index, { logits, segments }) => {
          const ticket = group[index] as Ticket;
          const made = segments();
          unread.delete(ticket);
          this.#ready.set(ticket, {
            logits: logits.slice(),
            segments: () => made,
          });
          this.#wake();
        });
      } catch (error) {
        for (const ticket of unread) this.#fail(ticket, error);
      }
    }
    this.#reads = false;
  }

  /** The first that wait, as far as there are slots; nobody overtakes. */
  #takeFitting(): Ticket[] {
    const group: Ticket[] = [];
    for (const ticket of this.#waiting) {
      const { n } = ticket.request;
      if (this.#taken + n > this.slots) break;
      this.#waiting.delete(ticket);
      this.#taken += n;
      group.push(ticket);
    }
    return group;
  }

  /** A token for every sequence, again and again, until none is left. */
  async #write(): Promise<void> {
    this.#writes = true;
    while (this.#ready.size > 0 || this.#writing.size > 0) {
      try {
        this.#dropAborted();
        const batch = (this.#batch ??= new DecodingBatch(
          this.#model,
          this.slots,
          FIRST_POSITIONS,
        ));
        if (this.#ready.size > 0) this.#join(batch);
        else if (batch.size > 0) await batch.step();
        await batch.settle();
      } catch (error) {
        for (const ticket of this.#writing) this.#fail(ticket, error);
        this.#batch = null;
      }
      this.#wake();
    }
    this.#batch = null;
    this.#writes = false;
  }

  #join(batch: DecodingBatch): void {
    const joining = [...this.#ready];
    this.#ready.clear();
    for (const [ticket] of joining) this.#writing.add(ticket);
    batch.makeRoom(
      Math.max(...joining.map(([{ request }]) => request.promptIds.length)),
    );
    for (const [ticket, prompt] of joining) {
      batch.join(ticket.request, prompt, (sample, decoded) => {
        ticket.samples[sample] = decoded;
        this.#taken--;
        if (--ticket.missing > 0) return;
        this.#writing.delete(ticket);
        ticket.resolve(ticket.samples);
      });
    }
  }

  #dropAborted(): void {
    const tickets = [this.#waiting, this.#ready.keys(), this.#writing];
    for (const ticket of tickets.flatMap((some) => [...some]))
      if (ticket.signal.aborted) this.#fail(ticket, ticket.signal.reason);
  }

  #fail(ticket: Ticket, reason: unknown): void {
    if (!this.#waiting.delete(ticket)) this.#taken -= ticket.missing;
    this.#ready.delete(ticket);
    if (this.#writing.delete(ticket)) this.#batch?.drop(ticket.request);
    ticket.reject(reason);
  }
}
