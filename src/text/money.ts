/**
 * @file Amounts of dollars, counted in whole millionths: as text, and out of text.
 */

/** "$1.234567" without needless zeros, at least two decimals. */
export function formatMoney(micros: number): string {
  const whole = Math.trunc(micros / 1e6);
  const rest = String(micros % 1e6).padStart(6, "0");
  return `$${whole}.${rest.slice(0, 2)}${rest.slice(2).replace(/0{1,4}$/, "")}`;
}

/** An amount as people compare it: to cents, below a dollar to three figures. */
export function roundedMoney(micros: number): number {
  const unit =
    micros >= 1e6
      ? 1e4
      : 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, micros))) - 2);
  return Math.round(micros / unit) * unit;
}

/**
 * Millionths out of decimal text such as "0.15" or "$5"; exact.
 * @returns undefined for anything else, and for more than six decimals
 */
export function parseMoney(text: string): number | undefined {
  const match = /^\$?(\d{1,9})(?:\.(\d{0,6}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, whole = "0", decimals = ""] = match;
  return Number(whole) * 1e6 + Number(decimals.padEnd(6, "0"));
}
