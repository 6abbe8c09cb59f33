/**
 * @file Runs before the packages this one depends on are set up: leaves empty files
 * where ONNX Runtime's install script would fetch CUDA libraries, some hundred
 * megabytes from NuGet that only `--device cuda` needs, and without which the whole
 * installation fails where NuGet cannot be reached. The script fetches nothing where
 * the files are there, unless it is asked to (docs/development.md says how).
 */
import { closeSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const asked =
  process.env.ONNXRUNTIME_NODE_INSTALL ??
  process.env.npm_config_onnxruntime_node_install;
const platform = `${process.platform}/${process.arch}`;

try {
  if (asked === undefined) leaveEmptyFiles();
} catch {
  // Not laid out as expected: then its own script decides, as it would without this one.
}

function leaveEmptyFiles() {
  const metadata =
    require.resolve("onnxruntime-node/script/install-metadata.js");
  const { requirements, manifests } = require(metadata);
  const folder = join(dirname(metadata), "../bin/napi-v6", platform);
  for (const name of requirements[platform] ?? []) {
    for (const file of Object.keys(manifests[`${platform}:${name}`])) {
      closeSync(openSync(join(folder, file), "a"));
    }
  }
}
