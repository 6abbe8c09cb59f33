/**
 * @file Graph → ONNX ModelProto bytes.
 *
 * Field numbers are those of onnx.proto3 (IR version 10). Nodes whose results
 * nobody reads are left out, so a gradient graph carries no dead forward work.
 */
import { Writer } from "protobufjs/minimal.js";
import type { ConstantTensor, FileTensor } from "../tensor/file-tensor.js";
import type { TensorType } from "../tensor/tensor-type.js";
import type { Graph, Value } from "../graph/graph.js";
import { lowerNode } from "./lowering.js";
import { orderedNodes } from "./node-order.js";
import {
  ONNX_ELEMENT_TYPES,
  type OnnxAttribute,
  type OnnxOperator,
} from "./operator.js";

const IR_VERSION = 10;
const OPSET = 21;
const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

/** Serializes a graph for ONNX Runtime; constants in files are named without their folders. */
export function encodeModel(graph: Graph): Uint8Array {
  const operators: OnnxOperator[] = [];
  const constants = new Map<string, ConstantTensor>();
  const nodes = orderedNodes(graph);
  nodes.forEach((node, index) => {
    const lowered = lowerNode(node, `n${index}`);
    operators.push(...lowered.operators);
    for (const [name, tensor] of lowered.constants) constants.set(name, tensor);
  });
  const outputs = [...graph.outputs];
  nameOutputs(operators, outputs);
  const used = new Set(operators.flatMap((operator) => operator.inputs));
  for (const [name, tensor] of graph.constants)
    if (used.has(name)) constants.set(name, tensor);

  const writer = Writer.create();
  writer.uint32(tag(1, VARINT)).int64(IR_VERSION);
  writer.uint32(tag(2, BYTES)).string("autodidact");
  message(writer, 7, () => {
    for (const operator of operators) writeOperator(writer, operator);
    writer.uint32(tag(2, BYTES)).string("graph");
    for (const [name, tensor] of constants) writeTensor(writer, name, tensor);
    for (const value of graph.inputs) {
      if (used.has(value.name)) writeValueInfo(writer, 11, value.name, value);
    }
    for (const [name, value] of outputs)
      writeValueInfo(writer, 12, name, value);
  });
  for (const [domain, version] of [
    ["", OPSET],
    ["com.microsoft", 1],
  ] as const) {
    message(writer, 8, () => {
      writer.uint32(tag(1, BYTES)).string(domain);
      writer.uint32(tag(2, VARINT)).int64(version);
    });
  }
  return writer.finish();
}

/**
 * Gives every graph output its public name: the operator that produces it writes
 * under that name at once; inputs, constants and second names go through Identity.
 */
function nameOutputs(
  operators: OnnxOperator[],
  outputs: readonly (readonly [string, Value])[],
): void {
  const produced = new Set(operators.flatMap((operator) => operator.outputs));
  const renamed = new Map<string, string>();
  const aliases: OnnxOperator[] = [];
  for (const [name, value] of outputs) {
    if (produced.has(value.name) && !renamed.has(value.name)) {
      renamed.set(value.name, name);
      continue;
    }
    aliases.push({
      type: "Identity",
      domain: "",
      inputs: [renamed.get(value.name) ?? value.name],
      outputs: [name],
      attributes: {},
    });
  }
  const rename = (name: string): string => renamed.get(name) ?? name;
  operators.forEach((operator, index) => {
    operators[index] = {
      ...operator,
      inputs: operator.inputs.map(rename),
      outputs: operator.outputs.map(rename),
    };
  });
  operators.push(...aliases);
}

function tag(field: number, wireType: number): number {
  return ((field << 3) | wireType) >>> 0;
}

function message(writer: Writer, field: number, write: () => void): void {
  writer.uint32(tag(field, BYTES)).fork();
  write();
  writer.ldelim();
}

/** NodeProto */
function writeOperator(writer: Writer, operator: OnnxOperator): void {
  message(writer, 1, () => {
    for (const name of operator.inputs)
      writer.uint32(tag(1, BYTES)).string(name);
    for (const name of operator.outputs)
      writer.uint32(tag(2, BYTES)).string(name);
    writer.uint32(tag(4, BYTES)).string(operator.type);
    for (const [name, attribute] of Object.entries(operator.attributes)) {
      writeAttribute(writer, name, attribute);
    }
    writer.uint32(tag(7, BYTES)).string(operator.domain);
  });
}

/** AttributeProto; the number in field 20 is its type. */
function writeAttribute(
  writer: Writer,
  name: string,
  attribute: OnnxAttribute,
): void {
  message(writer, 5, () => {
    writer.uint32(tag(1, BYTES)).string(name);
    switch (attribute.kind) {
      case "float":
        writer.uint32(tag(2, FIXED32)).float(attribute.value);
        writer.uint32(tag(20, VARINT)).int32(1);
        break;
      case "int":
        writer.uint32(tag(3, VARINT)).int64(attribute.value);
        writer.uint32(tag(20, VARINT)).int32(2);
        break;
      case "string":
        writer.uint32(tag(4, BYTES)).string(attribute.value);
        writer.uint32(tag(20, VARINT)).int32(3);
        break;
      case "ints":
        for (const value of attribute.value)
          writer.uint32(tag(8, VARINT)).int64(value);
        writer.uint32(tag(20, VARINT)).int32(7);
        break;
      default:
        attribute satisfies never;
    }
  });
}

/** TensorProto with raw little-endian data, here or at a place in a file. */
function writeTensor(
  writer: Writer,
  name: string,
  tensor: ConstantTensor,
): void {
  message(writer, 5, () => {
    for (const size of tensor.shape) writer.uint32(tag(1, VARINT)).int64(size);
    writer.uint32(tag(2, VARINT)).int32(ONNX_ELEMENT_TYPES[tensor.elementType]);
    writer.uint32(tag(8, BYTES)).string(name);
    if ("place" in tensor) {
      writePlace(writer, tensor.place);
      return;
    }
    const { data } = tensor;
    writer
      .uint32(tag(9, BYTES))
      .bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  });
}

/** Entries of `external_data`, and `data_location` = EXTERNAL. */
function writePlace(
  writer: Writer,
  { file, offset, bytes }: FileTensor["place"],
): void {
  for (const [key, value] of [
    ["location", file],
    ["offset", String(offset)],
    ["length", String(bytes)],
  ] as const)
    message(writer, 13, () => {
      writer.uint32(tag(1, BYTES)).string(key);
      writer.uint32(tag(2, BYTES)).string(value);
    });
  writer.uint32(tag(14, VARINT)).int32(1);
}

/** ValueInfoProto */
function writeValueInfo(
  writer: Writer,
  field: number,
  name: string,
  type: TensorType,
): void {
  message(writer, field, () => {
    writer.uint32(tag(1, BYTES)).string(name);
    message(writer, 2, () =>
      message(writer, 1, () => {
        writer
          .uint32(tag(1, VARINT))
          .int32(ONNX_ELEMENT_TYPES[type.elementType]);
        message(writer, 2, () => {
          for (const size of type.shape) {
            message(writer, 1, () => {
              if (typeof size === "number")
                writer.uint32(tag(1, VARINT)).int64(size);
              else writer.uint32(tag(2, BYTES)).string(size);
            });
          }
        });
      }),
    );
  });
}
