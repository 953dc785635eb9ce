// SPDX-License-Identifier: MIT
// Usage: node validate.mjs FILE.glb...   Fails on any error, warning or info.
import { readFileSync } from "node:fs";
import { validateBytes } from "gltf-validator";

let failed = process.argv.length < 3;
for (const file of process.argv.slice(2)) {
  const { issues } = await validateBytes(new Uint8Array(readFileSync(file)), { uri: file });
  const count = issues.numErrors + issues.numWarnings + issues.numInfos;
  console.log(`${file}: ${issues.numErrors} errors, ${issues.numWarnings} warnings, ${issues.numInfos} infos`);
  for (const { code, message, pointer } of issues.messages) console.log(`  ${code} ${pointer}: ${message}`);
  failed ||= count > 0;
}
process.exit(failed ? 1 : 0);
