/**
 * @file Adds up test results for `.ci/run`.
 *
 *   count-tests.mjs BROKEN FILE…          prints "N passed, N failed", exits 1 on failures
 *   count-tests.mjs --has-failures FILE   exits 0 when FILE holds a failed test
 *
 * A test file that fails to load has no failed test of its own and counts as one;
 * so does a report that is missing, because its step never got to its tests.
 */
import { existsSync, readFileSync } from "node:fs";

const [first, ...files] = process.argv.slice(2);
const counts = files.map(count);
const passed = counts.reduce((sum, { passed }) => sum + passed, 0);
const failed = counts.reduce((sum, { failed }) => sum + failed, 0);

if (first === "--has-failures") {
  process.exit(failed > 0 ? 0 : 1);
}
const total = failed + Number(first);
console.log(`${passed} passed, ${total} failed`);
process.exit(total > 0 ? 1 : 0);

function count(file) {
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const report = JSON.parse(readFileSync(file, "utf8"));
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" &&
      !assertionResults.some((test) => test.status === "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
  };
}
