/**
 * @file Numbers as sentences say them. One place, so that the ledger, the terminal
 * and the page never round the same number differently.
 */

/** A share in 0..1 as a percentage: 0.7118 → `71.2 %`. */
export function percent(share: number, digits = 1): string {
  return `${fixed(share * 100, digits)} %`;
}

/** A difference of shares in percentage points: 0.129 → `12.9 points`. */
export function points(difference: number): string {
  return `${fixed(difference * 100, 1)} points`;
}

/** `[10.1, 15.6]`: from one share or difference of shares to another, in hundredths. */
export function rangeInPoints(of: {
  readonly low: number;
  readonly high: number;
}): string {
  return `[${fixed(of.low * 100, 1)}, ${fixed(of.high * 100, 1)}]`;
}

/** With a sign, also for zero: 0.5 → `+0.50`, −0.5 → `−0.50`. */
export function signed(value: number, digits = 2): string {
  const text = fixed(value, digits);
  return text.startsWith("−") ? text : `+${text}`;
}

/** Rounded to `digits`, with a true minus sign and no negative zero. */
export function fixed(value: number, digits = 2): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** A number of things: `1 pair`, `1,173 pairs`. */
export function counted(
  value: number,
  one: string,
  many: string = `${one}s`,
): string {
  return `${count(value)} ${Math.round(value) === 1 ? one : many}`;
}

/** A whole number with thousands separated: 16384 → `16,384`. */
export function count(value: number): string {
  // Adding 0 makes the negative zero a plain one.
  return (Math.round(value) + 0).toLocaleString("en-US");
}
