/**
 * @file The repository's TypeScript as the architecture tests read it.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { CUT } from "./rules.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface SourceImport {
  /** As written: "./error.js", "node:fs", "@huggingface/jinja". */
  readonly specifier: string;
  /** Path from the repository root for relative imports. */
  readonly file?: string;
}

export interface SourceFile {
  /** From the repository root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly syntax: ts.SourceFile;
  readonly imports: readonly SourceImport[];
}

/** Every TypeScript file below `folder`, tests included, in path order. */
export function sourceFiles(folder: string): SourceFile[] {
  return (
    readdirSync(join(ROOT, folder), {
      recursive: true,
      withFileTypes: true,
    })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      // llama.cpp, a peer, is installed in a folder of its own below test/peers.
      .filter((entry) => !entry.parentPath.includes("node_modules"))
      .map((entry) =>
        posix.join(
          entry.parentPath.slice(ROOT.length).replaceAll("\\", "/"),
          entry.name,
        ),
      )
      .sort()
      .map(read)
  );
}

export function isTest(path: string): boolean {
  return /\.(test|conformance)\.ts$/.test(path);
}

/** The row of the rule table a file belongs to. */
export function roomOf(path: string): string {
  const [, first = "", second = "", third] = path.split("/");
  return third !== undefined && CUT.some((folder) => folder === first)
    ? `${first}/${second}`
    : first;
}

/** The package a bare import names, without a path inside it. */
export function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function read(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), "utf8");
  const syntax = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const imports: SourceImport[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) {
      imports.push({
        specifier,
        ...(specifier.startsWith(".") && {
          file: sourceOf(posix.join(dirname(path), specifier)),
        }),
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(syntax);
  return { path, text, syntax, imports };
}

/** The file that a specifier means: `x.js` is written in `x.ts`, or in `x.tsx` on the dashboard's page. */
function sourceOf(path: string): string {
  const source = path.replace(/\.js$/, ".ts");
  return existsSync(join(ROOT, source)) || source === path
    ? source
    : `${source}x`;
}

function specifierOf(node: ts.Node): string | undefined {
  if (
    (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
    node.moduleSpecifier !== undefined &&
    ts.isStringLiteral(node.moduleSpecifier)
  )
    return node.moduleSpecifier.text;
  const [argument] = ts.isCallExpression(node) ? node.arguments : [];
  if (
    ts.isCallExpression(node) &&
    node.expression.kind === ts.SyntaxKind.ImportKeyword &&
    argument !== undefined &&
    ts.isStringLiteral(argument)
  )
    return argument.text;
  return undefined;
}
