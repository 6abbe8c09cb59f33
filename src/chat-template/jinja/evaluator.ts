/**
 * @file Runs a parsed chat template as Jinja 2 runs it for `transformers`.
 *
 * The library's own interpreter is not used: it ignores the arguments of `strip`,
 * lets one turn of a loop see the variables of the turn before, loses the text
 * before a `continue`, and prints what Python would refuse. What this file does not
 * know it refuses; it never guesses.
 */
import type { AutodidactError } from "../../foundation/error.js";
import { applyFilter, applyTest } from "./filters.js";
import type {
  CallNode,
  CallStatement,
  FilterNode,
  For,
  Identifier,
  KeywordArgument,
  Macro,
  Member,
  SetStatement,
  TemplateNode,
} from "./nodes.js";
import {
  attribute,
  binary,
  signedValue,
  slice,
  subscript,
} from "./operators.js";
import { attributes, callable, GLOBALS } from "./globals.js";
import { toText } from "./text.js";
import {
  type Arguments,
  type Attributes,
  type Callable,
  isCallable,
  isDict,
  isTrue,
  isUndefined,
  iterate,
  kindOf,
  templateError,
  typeName,
  undefinedValue,
  unsupported,
  type TemplateValue,
} from "./values.js";

/** Names and their values; what a block sets is gone after it. */
interface Scope {
  readonly budget: Budget;
  readonly outer: Scope | null;
  readonly values: Map<string, TemplateValue>;
}

/** What is left of the work that a template may make; a conversation needs thousands. */
interface Budget {
  steps: number;
}

const MOST_STEPS = 2_000_000;
/** Characters of a text, and items of a list. */
const LONGEST_TEXT = 16_000_000;
const LONGEST_LIST = 1_000_000;

function spendStep({ budget }: Scope): void {
  if (--budget.steps < 0)
    throw templateError(`it takes more than ${MOST_STEPS} steps`);
}

function requireSize(value: TemplateValue): void {
  if (typeof value === "string" && value.length > LONGEST_TEXT)
    throw templateError(`it makes more than ${LONGEST_TEXT} characters`);
  if (Array.isArray(value) && value.length > LONGEST_LIST)
    throw templateError(`it makes a list of more than ${LONGEST_LIST} items`);
}

/** How a block ended. */
type Outcome = "done" | "break" | "continue";

interface Output {
  text: string;
}

/**
 * The text of a template.
 * @param variables what the template is given, functions included
 * @throws where Jinja throws, and on what is not supported, by name
 */
export function renderTemplate(
  body: readonly TemplateNode[],
  variables: ReadonlyMap<string, TemplateValue>,
): string {
  const budget: Budget = { steps: MOST_STEPS };
  const builtIn: Scope = { budget, outer: null, values: new Map(GLOBALS) };
  const given: Scope = { budget, outer: builtIn, values: new Map(variables) };
  return renderBlock(body, given);
}

const CONSTANTS: ReadonlyMap<string, TemplateValue> = new Map<
  string,
  TemplateValue
>([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["none", null],
  ["None", null],
]);

function inner(outer: Scope): Scope {
  return { budget: outer.budget, outer, values: new Map() };
}

function lookUp(name: string, scope: Scope): TemplateValue {
  const constant = CONSTANTS.get(name);
  if (constant !== undefined) return constant;
  for (let at: Scope | null = scope; at; at = at.outer) {
    const value = at.values.get(name);
    if (value !== undefined) return value;
  }
  return undefinedValue(`'${name}' is undefined`);
}

function renderBlock(body: readonly TemplateNode[], scope: Scope): string {
  const output: Output = { text: "" };
  run(body, scope, output);
  return output.text;
}

function run(
  body: readonly TemplateNode[],
  scope: Scope,
  output: Output,
): Outcome {
  for (const node of body) {
    spendStep(scope);
    const outcome = execute(node, scope, output);
    requireSize(output.text);
    if (outcome !== "done") return outcome;
  }
  return "done";
}

function execute(node: TemplateNode, scope: Scope, output: Output): Outcome {
  switch (node.type) {
    case "Comment":
      return "done";
    case "If":
      return run(
        isTrue(evaluate(node.test, scope)) ? node.body : node.alternate,
        scope,
        output,
      );
    case "For":
      loop(node, scope, output);
      return "done";
    case "Break":
      return "break";
    case "Continue":
      return "continue";
    case "Set":
      assign(node, scope);
      return "done";
    case "Macro":
      scope.values.set(node.name.value, macro(node, scope));
      return "done";
    case "CallStatement":
      output.text += callBlock(node, scope);
      return "done";
    case "FilterStatement":
      output.text += toText(
        filtered(renderBlock(node.body, inner(scope)), node.filter, scope),
      );
      return "done";
    default:
      output.text += toText(evaluate(withoutSafe(node), scope));
      return "done";
  }
}

/** Nothing is escaped, so `safe` changes nothing about what is printed right away. */
function withoutSafe(node: TemplateNode): TemplateNode {
  return node.type === "FilterExpression" &&
    node.filter.type === "Identifier" &&
    node.filter.value === "safe"
    ? node.operand
    : node;
}

function loop(node: For, scope: Scope, output: Output): void {
  const { iterable } = node;
  const source = iterable.type === "SelectExpression" ? iterable.lhs : iterable;
  const test = iterable.type === "SelectExpression" ? iterable.test : null;
  const items = iterate(evaluate(source, scope)).filter((item) => {
    spendStep(scope);
    if (test === null) return true;
    const trial = inner(scope);
    bind(node.loopvar, item, trial);
    return isTrue(evaluate(test, trial));
  });
  let isFinished = false;
  for (const [index, item] of items.entries()) {
    // What one turn sets, the next does not see.
    spendStep(scope);
    const turn = inner(scope);
    turn.values.set("loop", loopVariable(items, index));
    bind(node.loopvar, item, turn);
    const outcome = run(node.body, turn, output);
    isFinished ||= outcome === "done";
    if (outcome === "break") break;
  }
  // Jinja asks whether a turn came to its end, not whether there was one.
  if (!isFinished) run(node.defaultBlock, inner(scope), output);
}

function loopVariable(
  items: readonly TemplateValue[],
  index: number,
): Attributes {
  const count = BigInt(items.length);
  const at = BigInt(index);
  return attributes(
    "LoopContext",
    new Map<string, TemplateValue>([
      ["index", at + 1n],
      ["index0", at],
      ["revindex", count - at],
      ["revindex0", count - at - 1n],
      ["first", index === 0],
      ["last", at + 1n === count],
      ["length", count],
      // Only recursive loops, which the parser does not know, are deeper.
      ["depth", 1n],
      ["depth0", 0n],
      [
        "previtem",
        items[index - 1] ?? undefinedValue("there is no previous item"),
      ],
      ["nextitem", items[index + 1] ?? undefinedValue("there is no next item")],
      [
        "cycle",
        callable("cycle", ([values]) => {
          const value = values[index % values.length];
          if (value === undefined)
            throw templateError("no items for cycling given");
          return value;
        }),
      ],
      [
        "changed",
        callable("changed", () => {
          throw unsupported("loop.changed()");
        }),
      ],
    ]),
  );
}

/** Gives a name, or each of several names, its value. */
function bind(target: TemplateNode, value: TemplateValue, scope: Scope): void {
  if (target.type === "Identifier") {
    if (CONSTANTS.has(target.value))
      throw templateError(`can't assign to '${target.value}'`);
    scope.values.set(target.value, value);
    return;
  }
  if (target.type !== "TupleLiteral")
    throw unsupported("an assignment to anything but names");
  const items = iterate(value);
  if (items.length !== target.value.length)
    throw templateError(
      `${target.value.length} values were expected to unpack, ${items.length} are there`,
    );
  for (const [index, name] of target.value.entries())
    bind(name, items[index] ?? null, scope);
}

function assign(node: SetStatement, scope: Scope): void {
  const value = node.value
    ? evaluate(node.value, scope)
    : renderBlock(node.body, inner(scope));
  const { assignee } = node;
  if (assignee.type !== "MemberExpression") {
    bind(assignee, value, scope);
    return;
  }
  const object = kindOf(evaluate(assignee.object, scope));
  const { property } = assignee;
  if (object?.kind !== "attributes" || !object.isAssignable)
    throw templateError("cannot assign attribute on non-namespace object");
  if (property.type !== "Identifier" || property.value.startsWith("_"))
    throw unsupported("this assignment to a namespace");
  object.values.set(property.value, value);
}

function macro(node: Macro, scope: Scope): Callable {
  const { value: name } = node.name;
  const run = procedure(name, node.args, node.body, scope);
  return callable(name, (given) =>
    run(given, undefinedValue("No caller defined")),
  );
}

function callBlock(
  { call, callerArgs, body }: CallStatement,
  scope: Scope,
): string {
  const block = procedure("caller", callerArgs ?? [], body, scope);
  const caller = callable("caller", (given) => block(given, null));
  const callee = evaluate(call.callee, scope);
  if (!isCallable(callee)) throw notCallable(callee);
  const [positional, named] = argumentsOf(call.args, scope);
  return toText(
    callee.call(positional, new Map([...named, ["caller", caller]])),
  );
}

/** The body of a macro, to be run with arguments in the scope it was written in. */
function procedure(
  name: string,
  parameters: readonly TemplateNode[],
  body: readonly TemplateNode[],
  scope: Scope,
): (given: Arguments, caller: TemplateValue) => string {
  return ([positional, named], caller) => {
    const own = inner(scope);
    const rest = new Map(named);
    own.values.set("caller", rest.get("caller") ?? caller);
    rest.delete("caller");
    for (const [index, parameter] of parameters.entries()) {
      const key =
        parameter.type === "KeywordArgumentExpression"
          ? parameter.key
          : parameter;
      if (key.type !== "Identifier")
        throw unsupported("this kind of parameter");
      const value = positional[index] ?? rest.get(key.value);
      rest.delete(key.value);
      own.values.set(
        key.value,
        value ??
          (parameter.type === "KeywordArgumentExpression"
            ? evaluate(parameter.value, own)
            : undefinedValue(`parameter '${key.value}' was not provided`)),
      );
    }
    if (positional.length > parameters.length || rest.size > 0)
      throw unsupported(`more arguments than ${name}() names`);
    own.values.set("varargs", { kind: "tuple", items: [] });
    own.values.set("kwargs", new Map());
    return renderBlock(body, own);
  };
}

function notCallable(value: TemplateValue): AutodidactError {
  return templateError(
    isUndefined(value)
      ? value.reason
      : `'${typeName(value)}' object is not callable`,
  );
}

function argumentsOf(nodes: readonly TemplateNode[], scope: Scope): Arguments {
  const positional: TemplateValue[] = [];
  const named = new Map<string, TemplateValue>();
  const name = (key: string, value: TemplateValue): void => {
    if (named.has(key))
      throw templateError(`got multiple values for keyword argument '${key}'`);
    named.set(key, value);
  };
  for (const node of nodes) {
    if (node.type === "KeywordArgumentExpression") keyword(node, name, scope);
    else if (node.type === "SpreadExpression")
      positional.push(...iterate(evaluate(node.argument, scope)));
    else if (node.type === "KeywordSpreadExpression") {
      const values = evaluate(node.argument, scope);
      if (!isDict(values))
        throw templateError("argument after ** must be a mapping");
      for (const [key, value] of values) name(key, value);
    } else positional.push(evaluate(node, scope));
  }
  return [positional, named];
}

function keyword(
  { key, value }: KeywordArgument,
  name: (key: string, value: TemplateValue) => void,
  scope: Scope,
): void {
  name(key.value, evaluate(value, scope));
}

function evaluate(node: TemplateNode, scope: Scope): TemplateValue {
  spendStep(scope);
  const value = valueOf(node, scope);
  requireSize(value);
  return value;
}

function valueOf(node: TemplateNode, scope: Scope): TemplateValue {
  switch (node.type) {
    case "StringLiteral":
      return node.value;
    case "IntegerLiteral":
      if (!Number.isSafeInteger(node.value))
        throw unsupported("an integer of more than 53 bits");
      return BigInt(node.value);
    case "FloatLiteral":
      return node.value;
    case "ArrayLiteral":
      return node.value.map((item) => evaluate(item, scope));
    case "TupleLiteral":
      return {
        kind: "tuple",
        items: node.value.map((item) => evaluate(item, scope)),
      };
    case "ObjectLiteral":
      return dictLiteral(node.value, scope);
    case "Identifier":
      return lookUp(node.value, scope);
    case "MemberExpression":
      return member(node, scope);
    case "CallExpression":
      return call(node, scope);
    case "UnaryExpression": {
      const value = evaluate(node.argument, scope);
      return node.operator.value === "not"
        ? !isTrue(value)
        : signedValue(node.operator.value, value);
    }
    case "BinaryExpression": {
      const left = evaluate(node.left, scope);
      const { value: operator } = node.operator;
      if (operator === "and" || operator === "or")
        return isTrue(left) === (operator === "or")
          ? left
          : evaluate(node.right, scope);
      return binary(operator, left, evaluate(node.right, scope));
    }
    case "FilterExpression":
      return filterExpression(node, scope);
    case "TestExpression":
      return (
        applyTest(node.test.value, evaluate(node.operand, scope)) !==
        node.negate
      );
    case "Ternary":
      return evaluate(
        isTrue(evaluate(node.condition, scope))
          ? node.trueExpr
          : node.falseExpr,
        scope,
      );
    case "SelectExpression":
      return isTrue(evaluate(node.test, scope))
        ? evaluate(node.lhs, scope)
        : undefinedValue(
            "the inline if had no else and its condition is false",
          );
    default:
      throw unsupported(`a ${node.type} in this place`);
  }
}

function filterExpression(node: FilterNode, scope: Scope): TemplateValue {
  return filtered(evaluate(node.operand, scope), node.filter, scope);
}

function filtered(
  value: TemplateValue,
  filter: Identifier | CallNode,
  scope: Scope,
): TemplateValue {
  if (filter.type === "Identifier")
    return applyFilter(filter.value, value, [[], new Map()]);
  if (filter.callee.type !== "Identifier") throw unsupported("this filter");
  return applyFilter(
    filter.callee.value,
    value,
    argumentsOf(filter.args, scope),
  );
}

function dictLiteral(
  entries: ReadonlyMap<TemplateNode, TemplateNode>,
  scope: Scope,
): TemplateValue {
  const dict = new Map<string, TemplateValue>();
  for (const [key, value] of entries) {
    const name = evaluate(key, scope);
    if (typeof name !== "string")
      throw unsupported("a dict whose keys are not strings");
    dict.set(name, evaluate(value, scope));
  }
  return dict;
}

function call(node: CallNode, scope: Scope): TemplateValue {
  const callee = evaluate(node.callee, scope);
  if (!isCallable(callee)) throw notCallable(callee);
  return callee.call(...argumentsOf(node.args, scope));
}

function member(node: Member, scope: Scope): TemplateValue {
  const object = evaluate(node.object, scope);
  const { property } = node;
  if (property.type === "SliceExpression") {
    const bound = (at?: TemplateNode): TemplateValue =>
      at === undefined ? null : evaluate(at, scope);
    if (isUndefined(object)) throw templateError(object.reason);
    return slice(object, [
      bound(property.start),
      bound(property.stop),
      bound(property.step),
    ]);
  }
  if (!node.computed && property.type === "Identifier")
    return attribute(object, property.value);
  return subscript(object, evaluate(property, scope));
}
