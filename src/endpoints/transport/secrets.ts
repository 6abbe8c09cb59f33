/**
 * @file Where secrets hide, and how they are taken out of what is shown or kept.
 *
 * A secret is found as its characters in whatever spelling a body has them: as they are,
 * after backslashes (`\/`), as `\u002f`, as `%2F`, and so in JSON inside of JSON. So a
 * body is masked as it came, and stays a body. Addresses are masked by the names of their
 * parameters.
 */

export const HIDDEN = "[key]";
/** Below this a "key" such as "x" would be cut out of ordinary words. */
const SHORTEST = 6;

/** Takes the secrets out of a text; linear in the text. */
export function redactorOf(
  secrets: readonly string[],
): (text: string) => string {
  const spelled = secrets
    .filter((secret) => secret.length >= SHORTEST)
    .map((secret) => [...secret].map(spellings).join(""));
  if (spelled.length === 0) return (text) => text;
  const pattern = new RegExp(spelled.join("|"), "g");
  return (text) => text.replace(pattern, HIDDEN);
}

/** One character in each of its spellings; eight backslashes are JSON in JSON in JSON. */
function spellings(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).padStart(2, "0");
  const digits = [...hex].map((digit) =>
    /[a-f]/.test(digit) ? `[${digit}${digit.toUpperCase()}]` : digit,
  );
  const plain = character.replace(/[\\^$.*+?()[\]{}|/-]/, "\\$&");
  return `(?:\\\\{0,8}${plain}|\\\\{1,8}u00${digits.join("")}|%${digits.join("")})`;
}

/** Words in the name of a parameter or header that opens doors. */
const SECRET_NAME =
  /^(code|sig|auth|pass|pwd|sas|se?cret|jwt|key|sign)$|key|token|secret|password|passwd|signature|credential|authorization|cookie/i;
/** Names of harmless ones that the words above are in. */
const HARMLESS_NAME = /^max[-_]?tokens|tokeni[sz]/i;

function secretName(name: string): boolean {
  return SECRET_NAME.test(name) && !HARMLESS_NAME.test(name);
}

/** Whether a header of this name carries a secret ("x-api-key", "authorization"). */
export function secretHeader(name: string): boolean {
  return secretName(name);
}

/** The values of an address's parameters that open doors ("?code=…", "?sig=…"). */
export function secretParameters(url: URL): readonly string[] {
  return [...url.searchParams]
    .filter(([name, value]) => secretName(name) && value !== "")
    .map(([, value]) => value);
}

/** A text with the names, passwords and parameters in its addresses hidden. */
export function withoutSecrets(text: string): string {
  return text
    .replace(/(^|\/\/|\s)[^\s/@?#:]{0,200}:[^\s/@?#]{0,200}@/g, `$1${HIDDEN}@`)
    .replace(
      /([?&])([^\s=&#]{1,100})=([^\s&#"]+)/g,
      (whole, before: string, name: string) =>
        secretName(name) ? `${before}${name}=${HIDDEN}` : whole,
    );
}
