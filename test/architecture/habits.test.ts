/**
 * @file Habits a linter cannot see: file notes, names, who may speak and exit, sizes.
 */
import { basename, dirname } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import {
  BUDGETS,
  EMPTY_NAMES,
  FOUNDATION,
  KILLS_ON_PURPOSE,
  TERMINAL_OWNER,
} from "./rules.js";
import { roomOf, isTest, sourceFiles } from "./source-files.js";
import type { SourceFile } from "./source-files.js";

const everything = ["src", "test", "scripts"].flatMap(sourceFiles);
const product = everything.filter(
  ({ path }) => path.startsWith("src/") && !isTest(path),
);

test("every file opens with a note that says what it is; a unit test shares its source's", () => {
  const bare = everything
    .filter(({ path }) => !/^(test\/fixtures\/|src\/.*\.test\.ts$)/.test(path))
    .filter(({ text }) => !/^(#![^\n]*\n)?\/\*\*\s+(\* )?@file \S/.test(text));
  expect(bare.map(({ path }) => path)).toEqual([]);
});

test("foundation is a closed list", () => {
  const present = product
    .filter(({ path }) => roomOf(path) === "foundation")
    .map(({ path }) => basename(path));
  expect(present).toEqual([...FOUNDATION]);
});

test("no folder has a name that says nothing", () => {
  const empty = new Set<string>(EMPTY_NAMES);
  const folders = everything.flatMap(({ path }) => dirname(path).split("/"));
  expect([...new Set(folders)].filter((name) => empty.has(name))).toEqual([]);
});

test("names are kebab-case", () => {
  const odd = everything
    .map(({ path }) => path)
    .filter((path) => !/^[a-z0-9/.-]+$/.test(path));
  expect(odd).toEqual([]);
});

describe("only the command line", () => {
  test("prints", () => {
    expect(
      uses(product, /^(console\.\w+|process\.std(out|err|in))$/).filter(
        (use) => !use.startsWith(`src/${TERMINAL_OWNER}/`),
      ),
    ).toEqual([]);
  });

  test("ends the process, apart from the crash points of tests", () => {
    expect(
      uses(product, /^process\.(exit|exitCode|kill|abort)$/).filter(
        (use) =>
          !use.startsWith(`src/${TERMINAL_OWNER}/`) &&
          !use.startsWith(KILLS_ON_PURPOSE),
      ),
    ).toEqual([]);
  });
});

describe("sizes", () => {
  test("half of the files are short", () => {
    const lengths = product.map(({ text }) => text.split("\n").length);
    expect(percentile(lengths, 0.5)).toBeLessThanOrEqual(BUDGETS.medianFile);
  });

  test("the whole stays within its budget", () => {
    const lengths = product.map(({ text }) => text.split("\n").length - 1);
    expect(
      lengths.reduce((sum, length) => sum + length, 0),
    ).toBeLessThanOrEqual(BUDGETS.total);
  });

  test("nine of ten functions fit on a screen", () => {
    const lengths = product.flatMap(functionLengths);
    expect(percentile(lengths, 0.9)).toBeLessThanOrEqual(BUDGETS.p90Function);
  });
});

/** "path:line name" of every property access that matches. */
function uses(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, syntax }) => {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAccessExpression(node)) {
        const name = node.getText(syntax);
        if (pattern.test(name)) {
          const { line } = syntax.getLineAndCharacterOfPosition(node.pos);
          found.push(`${path}:${line + 1} ${name}`);
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(syntax);
    return found;
  });
}

/** Lines of each function that has a block of its own. */
function functionLengths({ syntax }: SourceFile): number[] {
  const lengths: number[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isFunctionLike(node) &&
      "body" in node &&
      node.body !== undefined &&
      ts.isBlock(node.body)
    ) {
      const lineAt = (position: number): number =>
        syntax.getLineAndCharacterOfPosition(position).line;
      lengths.push(lineAt(node.end) - lineAt(node.getStart(syntax)) + 1);
    }
    ts.forEachChild(node, visit);
  };
  visit(syntax);
  return lengths;
}

/** The smallest value that at least `share` of the values do not exceed. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

test("an exported name means one thing", () => {
  const homes = new Map<string, Set<string>>();
  for (const { path, syntax } of product) {
    for (const statement of syntax.statements) {
      const names = ts.isVariableStatement(statement)
        ? statement.declarationList.declarations.map(({ name }) => name)
        : ts.isFunctionDeclaration(statement) ||
            ts.isClassDeclaration(statement) ||
            ts.isInterfaceDeclaration(statement) ||
            ts.isTypeAliasDeclaration(statement)
          ? [statement.name]
          : [];
      const exported = ts
        .getModifiers(statement as ts.HasModifiers)
        ?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
      if (exported !== true) continue;
      for (const name of names) {
        const word = name?.getText(syntax);
        if (word === undefined) continue;
        homes.set(word, (homes.get(word) ?? new Set()).add(path));
      }
    }
  }
  const double = [...homes]
    .filter(([, paths]) => paths.size > 1)
    .map(([name, paths]) => `${name}: ${[...paths].join(", ")}`);
  expect(double).toEqual([]);
});
