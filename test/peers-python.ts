/**
 * @file Before the peer tests: there is a Python, or one sentence says what to do.
 */
import { existsSync } from "node:fs";

export default function requirePython(): void {
  const python = process.env["AUTODIDACT_PYTHON"] ?? ".venv/bin/python";
  if (existsSync(python)) return;
  throw new Error(
    `The peer tests need a Python interpreter and ${python} does not exist. ` +
      "Set AUTODIDACT_PYTHON to one with the packages listed in docs/development.md.",
  );
}
