/**
 * @file Element types and shapes: all that is known of a tensor before it has
 * numbers.
 *
 * A dimension is a number, or a name ("batch", "sequence") in graphs that one
 * session serves at many sizes. Two dimensions are the same when they are equal;
 * nothing is computed with a named one.
 */

export type ElementType = "float32" | "int64" | "int32" | "int8" | "uint8";

/** Size of one element. */
export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = {
  float32: 4,
  int64: 8,
  int32: 4,
  int8: 1,
  uint8: 1,
};

export type Dimension = number | string;

export type Shape = readonly Dimension[];

export interface TensorType {
  readonly elementType: ElementType;
  readonly shape: Shape;
}

/** A graph that cannot be right; always a bug in the code that built it. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** The numeric dimension; a named one is a {@link ShapeError}. */
export function fixedSize(dimension: Dimension | undefined): number {
  if (typeof dimension === "number") return dimension;
  throw new ShapeError(`expected a fixed dimension, got ${String(dimension)}`);
}

/** The whole shape as numbers. */
export function fixedShape(shape: Shape): number[] {
  return shape.map(fixedSize);
}

/** Number of elements; the empty shape is a scalar with one. */
export function elementCount(shape: Shape): number {
  return fixedShape(shape).reduce((product, size) => product * size, 1);
}

export function sameShape(left: Shape, right: Shape): boolean {
  return (
    left.length === right.length && left.every((size, i) => size === right[i])
  );
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** NumPy broadcasting of two shapes. @throws ShapeError when they do not fit */
export function broadcastShapes(left: Shape, right: Shape): Dimension[] {
  const rank = Math.max(left.length, right.length);
  return Array.from({ length: rank }, (_, i) => {
    const a = left[i - rank + left.length] ?? 1;
    const b = right[i - rank + right.length] ?? 1;
    if (a === b || b === 1) return a;
    if (a === 1) return b;
    throw new ShapeError(
      `cannot broadcast ${formatShape(left)} with ${formatShape(right)}`,
    );
  });
}

/** Axes of `result` along which `operand` was repeated by broadcasting. */
export function broadcastAxes(operand: Shape, result: Shape): number[] {
  const lead = result.length - operand.length;
  return result.flatMap((size, axis) =>
    axis < lead || (operand[axis - lead] === 1 && size !== 1) ? [axis] : [],
  );
}
