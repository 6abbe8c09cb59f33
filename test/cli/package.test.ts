/**
 * @file What would be published: everything that the program reads at run time, and
 * nothing that only its development needs.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./program.js";

const READ_AT_RUN_TIME = [
  "dist/cli/main.js",
  "dist/public/index.d.ts",
  "languages/language-profiles.json.gz",
  "languages/punkt-english.json.gz",
  "nursery/m0/model.safetensors",
  "nursery/m0/tokenizer.json",
  "nursery/seeds/held-out.jsonl",
  "prices.yaml",
  "recipes/nursery.yaml",
  "seeds/en.jsonl",
  "seeds/zh.jsonl",
];

test("the package holds what the program reads, one script of installation, and no tests or sources", () => {
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  ) as [{ readonly files: readonly { readonly path: string }[] }];
  const paths = packed.files.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(READ_AT_RUN_TIME));
  const folders = new Set(paths.map((path) => path.replace(/\/.*/s, "")));
  expect([...folders].sort()).toEqual([
    "LICENSE",
    "README.md",
    "README.zh.md",
    "dist",
    "languages",
    "nursery",
    "package.json",
    "prices.yaml",
    "python",
    "recipes",
    "scripts",
    "seeds",
  ]);
  expect(paths.filter((path) => path.startsWith("scripts/"))).toEqual([
    "scripts/without-cuda.mjs",
  ]);
  expect(paths.filter((path) => path.includes(".test."))).toEqual([]);
});

test("installing here runs no script that downloads, whatever the age of npm", () => {
  const read = (name: string): unknown =>
    JSON.parse(readFileSync(join(ROOT, name), "utf8"));
  // npm 11 goes by the first, older ones by the second. `npm install` writes
  // hasInstallScript anew: take that line of onnxruntime-node out again.
  expect(read("package.json")).toMatchObject({
    allowScripts: { "onnxruntime-node": false },
  });
  expect(read("package-lock.json")).not.toHaveProperty([
    "packages",
    "node_modules/onnxruntime-node",
    "hasInstallScript",
  ]);
});
