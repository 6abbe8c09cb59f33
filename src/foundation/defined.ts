/**
 * @file Optional members of an object: absent, or there with a value.
 *
 * A member that is there and undefined is neither: it is written to a record as a hole,
 * and the compiler refuses it (`exactOptionalPropertyTypes`).
 */

type OptionalKeys<T> = {
  [K in keyof T]-?: undefined extends T[K] ? K : never;
}[keyof T];

/** `T` with every member that may be undefined as one that may be absent. */
type Defined<T> = Omit<T, OptionalKeys<T>> & {
  [K in OptionalKeys<T>]?: Exclude<T[K], undefined>;
};

/** The members that are not undefined. */
export function defined<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
}
