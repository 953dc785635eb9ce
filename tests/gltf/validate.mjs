// SPDX-License-Identifier: MIT
// Usage: node validate.mjs [--compressed] FILE.glb...   Fails on any error, warning or info; --compressed accepts
// that the validator does not know EXT_meshopt_compression, and what follows from it.
import { readFileSync } from "node:fs";
import { validateBytes } from "gltf-validator";

const compressed = process.argv[2] === "--compressed";
const files = process.argv.slice(compressed ? 3 : 2);
const ignoredIssues = compressed ? ["UNSUPPORTED_EXTENSION"] : [];
let failed = files.length === 0;
for (const file of files) {
  const { issues } = await validateBytes(new Uint8Array(readFileSync(file)), { uri: file, ignoredIssues });
  const count = issues.numErrors + issues.numWarnings + issues.numInfos;
  console.log(`${file}: ${issues.numErrors} errors, ${issues.numWarnings} warnings, ${issues.numInfos} infos`);
  for (const { code, message, pointer } of issues.messages) console.log(`  ${code} ${pointer}: ${message}`);
  failed ||= count > 0;
}
process.exit(failed ? 1 : 0);
