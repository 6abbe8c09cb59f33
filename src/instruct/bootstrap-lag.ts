/**
 * @file How far behind the pool is that a request for instructions is shown.
 *
 * The paper asks one request after the other, each with two instructions of the model's
 * own. Requests side by side cannot all have seen those before them; but the first ones,
 * of which a small run has no others, should. So the lag grows with the request's number,
 * and with it how many are in flight. It is a function of the number alone, so the
 * prompts do not depend on which answers came first.
 */

/**
 * Requests right before request `index` whose answers it has not seen; ≥ 0. Request 0
 * and request 1 have seen all before them, later ones at least half.
 * @param inFlight most requests in flight; ≥ 1
 */
export function bootstrapLag(index: number, inFlight: number): number {
  return Math.min(inFlight - 1, Math.floor(index / 2));
}

/** Requests whose answers request `index` has seen: the first so many. */
export function answersSeen(index: number, inFlight: number): number {
  return index - bootstrapLag(index, inFlight);
}
