/**
 * @file Graphs in static single assignment: inputs, constants and applications of
 * primitives, in an order in which they can be computed.
 *
 * A graph owns no numbers but its constants. Building one checks every shape;
 * a graph that was built can be emitted and run.
 */
import { constantLength, type ConstantTensor } from "../tensor/file-tensor.js";
import {
  elementCount,
  formatShape,
  ShapeError,
  type ElementType,
  type Shape,
  type TensorType,
} from "../tensor/tensor-type.js";
import {
  TYPE_RULES,
  type PrimitiveAttributes,
  type PrimitiveName,
} from "./primitives.js";

/** A tensor in a graph: its name is unique there. */
export interface Value extends TensorType {
  readonly name: string;
}

export type Node = {
  [P in PrimitiveName]: {
    readonly primitive: P;
    readonly attributes: PrimitiveAttributes[P];
    readonly inputs: readonly Value[];
    readonly outputs: readonly Value[];
  };
}[PrimitiveName];

export interface Graph {
  readonly inputs: readonly Value[];
  readonly constants: ReadonlyMap<string, ConstantTensor>;
  readonly nodes: readonly Node[];
  /** Name under which a caller gets a value. */
  readonly outputs: ReadonlyMap<string, Value>;
}

/** Builds a {@link Graph}; the methods are the language in which models are written. */
export class GraphBuilder implements Graph {
  readonly inputs: Value[] = [];
  readonly constants = new Map<string, ConstantTensor>();
  readonly nodes: Node[] = [];
  readonly outputs = new Map<string, Value>();
  #names = 0;
  readonly #scalars = new Map<number, Value>();

  /** Declares a tensor that the caller feeds at each run. */
  input(
    name: string,
    shape: Shape,
    elementType: ElementType = "float32",
  ): Value {
    const value = { name, shape, elementType };
    this.inputs.push(value);
    return value;
  }

  /** Embeds numbers in the graph, or names the file that holds them. */
  constant(tensor: ConstantTensor, name = this.#fresh("c")): Value {
    const found = constantLength(tensor);
    if (found !== elementCount(tensor.shape)) {
      throw new ShapeError(
        `constant ${name} has ${found} elements, its shape ${formatShape(tensor.shape)} needs ${elementCount(tensor.shape)}`,
      );
    }
    this.constants.set(name, tensor);
    return { name, shape: tensor.shape, elementType: tensor.elementType };
  }

  /** A scalar constant; equal ones are shared. */
  scalar(number: number): Value {
    const known = this.#scalars.get(number);
    if (known !== undefined) return known;
    const value = this.constant({
      elementType: "float32",
      shape: [],
      data: Float32Array.of(number),
    });
    this.#scalars.set(number, value);
    return value;
  }

  /** Names a value that a run returns. */
  output(name: string, value: Value): void {
    this.outputs.set(name, value);
  }

  /** Applies a primitive; all its outputs. */
  applyAll<P extends PrimitiveName>(
    primitive: P,
    inputs: readonly Value[],
    attributes: PrimitiveAttributes[P],
  ): readonly Value[] {
    const outputs = TYPE_RULES[primitive](inputs, attributes).map((type) => ({
      ...type,
      name: this.#fresh("t"),
    }));
    this.nodes.push({ primitive, attributes, inputs, outputs } as Node);
    return outputs;
  }

  /** Applies a primitive; its first output. */
  apply<P extends PrimitiveName>(
    primitive: P,
    inputs: readonly Value[],
    attributes: PrimitiveAttributes[P],
  ): Value {
    return this.applyAll(primitive, inputs, attributes)[0] as Value;
  }

  add = (a: Value, b: Value): Value => this.apply("add", [a, b], {});
  subtract = (a: Value, b: Value): Value => this.apply("subtract", [a, b], {});
  multiply = (a: Value, b: Value): Value => this.apply("multiply", [a, b], {});
  divide = (a: Value, b: Value): Value => this.apply("divide", [a, b], {});
  negate = (a: Value): Value => this.apply("negate", [a], {});
  scale = (a: Value, factor: number): Value =>
    factor === 1 ? a : this.multiply(a, this.scalar(factor));

  matmul(
    left: Value,
    right: Value,
    attributes: Partial<PrimitiveAttributes["matmul"]> = {},
  ): Value {
    return this.apply("matmul", [left, right], {
      transposeLeft: false,
      transposeRight: false,
      alpha: 1,
      ...attributes,
    });
  }

  reshape(value: Value, shape: Shape): Value {
    const fixedSizes = (sizes: Shape): number =>
      elementCount(sizes.filter((size) => typeof size === "number"));
    const [before, after] = [fixedSizes(value.shape), fixedSizes(shape)];
    const names = (sizes: Shape): string =>
      sizes.filter((size) => typeof size === "string").join();
    // A dimension under a new name takes or gives a fixed factor.
    const fits =
      names(value.shape) === names(shape)
        ? before === after
        : before % after === 0 || after % before === 0;
    if (!fits) {
      throw new ShapeError(
        `cannot reshape ${formatShape(value.shape)} to ${formatShape(shape)}`,
      );
    }
    return this.apply("reshape", [value], { shape });
  }

  transpose(value: Value, permutation: readonly number[]): Value {
    return this.apply("transpose", [value], { permutation });
  }

  reduceSum(value: Value, axes: readonly number[], keepAxes = false): Value {
    return this.apply("reduceSum", [value], { axes, keepAxes });
  }

  /** Sum of all elements, as a scalar. */
  sum(value: Value): Value {
    return this.reduceSum(
      value,
      value.shape.map((_, axis) => axis),
    );
  }

  #fresh(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }
}
