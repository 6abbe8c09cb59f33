/**
 * @file Whether a secret is the right one, without telling by the time it takes how much
 * of it was.
 */
import { createHash, timingSafeEqual } from "node:crypto";

/** Gives a check that takes as long whatever it is given. */
export function secretCheck(secret: string): (given: string) => boolean {
  const expected = digest(secret);
  return (given) => timingSafeEqual(digest(given), expected);
}

/** What stands behind `Bearer` in an Authorization header; undefined without it. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer (.*)$/i.exec(header ?? "")?.[1];
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
