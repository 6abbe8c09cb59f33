/**
 * @file Keeps answers in the ledger of the folder that is named first until the disk is
 * full, then those that were under way; prints how many each were kept.
 */
import { join } from "node:path";
import { AutodidactError } from "../../src/foundation/error.js";
import { openLedger } from "../../src/ledger/ledger.js";

const UNDER_WAY = 100;
const ENVIRONMENT = {
  packageVersion: "0",
  nodeVersion: "0",
  onnxruntimeVersion: "0",
  machine: "0",
  gitCommit: null,
};

const path = join(process.argv[2] ?? "", "ledger.db");
const ledger = openLedger({ path, mode: "write" });
ledger.recordRun({ recipe: {}, seed: 1, environment: ENVIRONMENT });
const put = (index: number): void => {
  ledger.answers.put(`k${index}`, {
    request: { endpoint: "http://h/v1", path: "/completions", body: {} },
    response: "x".repeat(2000),
    usage: {
      promptTokens: 1,
      cachedPromptTokens: 0,
      completionTokens: 1,
      costMicros: 1,
    },
  });
};
let answered = 0;
let told = "";
while (told === "") {
  try {
    put(answered);
  } catch (error) {
    if (!(error instanceof AutodidactError)) throw error;
    told = error.code;
  }
  answered++;
}
for (let i = 0; i < UNDER_WAY; i++) put(answered++);
ledger.close();
const again = openLedger({ path, mode: "write" });
const kept = again.answers.totals().calls;
process.stdout.write(JSON.stringify({ told, lost: answered - kept }));
