/**
 * @file Lint rules. Each one stands for a habit of CONTRIBUTING.md; nothing here
 * is about layout, which is Prettier's.
 */
import { defineConfig } from "eslint/config";
import regexp from "eslint-plugin-regexp";
import tseslint from "typescript-eslint";

/**
 * Files that may be longer than 600 lines: tables that are read entry by entry.
 * Adding a name here is a decision to defend in review.
 */
const LONG_FILES = [
  "src/engine/graph/primitives.ts",
  // A table of everything that can be wrong with an input.
  "test/cli/bad-input.test.ts",
];

/** Folders that read long text of models and files. */
const FOREIGN_TEXT = [
  "src/chat-template/**",
  "src/data/**",
  "src/instruct/**",
  "src/novelty/**",
  "src/rewarding/**",
  "src/text/**",
];

const NO_GLOBAL_RANDOMNESS = {
  object: "Math",
  property: "random",
  message:
    "Take a RandomStream as an argument (src/foundation/random.ts): runs must be repeatable.",
};

const NO_INHERITANCE = {
  selector:
    "ClassDeclaration[superClass]:not([superClass.name=/Error$/]), ClassExpression[superClass]:not([superClass.name=/Error$/])",
  message: "Compose instead of inheriting; only errors have a base class.",
};

/** Text of models and files is text, never markup. */
const NO_MARKUP = {
  selector:
    "JSXAttribute[name.name='dangerouslySetInnerHTML'], :matches(MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|srcdoc)$/], JSXAttribute[name.name='srcdoc'])",
  message: "Give the text as a child: what a model wrote is never markup.",
};

const NO_BARE_ERROR = {
  selector:
    "ThrowStatement > NewExpression[callee.name=/^(Error|TypeError|RangeError|SyntaxError)$/]",
  message:
    "Throw an AutodidactError (src/foundation/error.ts): a code, and a sentence with what happened, what was expected and what to do.",
};

export default defineConfig(
  {
    ignores: [
      "dist/**",
      "runs/**",
      "coverage/**",
      ".venv/**",
      ".venv-vllm/**",
      ".venv-onnx/**",
      "test/fixtures/**",
      "**/*.mjs",
    ],
  },
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "separate-type-imports" },
      ],
      // Closures, not classes: our methods have no `this` to lose.
      "@typescript-eslint/unbound-method": "off",
      // An implementation of an asynchronous contract may happen to await nothing.
      "@typescript-eslint/require-await": "off",
      // As the compiler has it: a leading underscore says "not needed here".
      "@typescript-eslint/no-unused-vars": [
        "error",
        {
          argsIgnorePattern: "^_",
          varsIgnorePattern: "^_",
          ignoreRestSiblings: true,
        },
      ],
      "@typescript-eslint/max-params": ["error", { max: 4 }],
      "max-lines": ["error", { max: 600 }],
      "max-lines-per-function": ["error", { max: 120 }],
      "no-console": "error",
      "no-restricted-properties": ["error", NO_GLOBAL_RANDOMNESS],
      "no-restricted-syntax": ["error", NO_INHERITANCE, NO_BARE_ERROR],
    },
  },
  {
    // Text of models, servers and files must not hang a scan of ours.
    files: ["src/**"],
    ignores: ["**/*.test.ts"],
    plugins: { regexp },
    rules: {
      "regexp/no-super-linear-backtracking": ["error", { report: "potential" }],
    },
  },
  {
    // Here such text is long.
    files: FOREIGN_TEXT,
    ignores: ["**/*.test.ts"],
    rules: {
      "regexp/no-super-linear-move": ["error", { report: "potential" }],
    },
  },
  {
    files: ["src/dashboard/page/**"],
    rules: {
      "no-restricted-syntax": [
        "error",
        NO_INHERITANCE,
        NO_BARE_ERROR,
        NO_MARKUP,
      ],
    },
  },
  { files: LONG_FILES, rules: { "max-lines": "off" } },
  {
    files: ["src/cli/**", "scripts/**", "bench/**", "examples/**", "test/**"],
    rules: { "no-console": "off" },
  },
  {
    files: ["**/*.test.ts", "**/*.conformance.ts", "test/**", "bench/**"],
    rules: {
      "max-lines-per-function": "off",
      "no-restricted-syntax": ["error", NO_INHERITANCE],
    },
  },
);
