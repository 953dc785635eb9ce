// SPDX-License-Identifier: MIT
// Usage: node three_view.mjs FILE.glb WIDTH HEIGHT PICTURE.png    (npm ci in viewer and in tests/viewer first)
// Imports a .glb with three.js in Chromium, prints "found VERTICES TRIANGLES TEXTURES" and
// draws what the imported camera sees.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launch } from "../../tests/viewer/browser.mjs";
import { build } from "../../viewer/node_modules/esbuild/lib/main.js";

const [file, width, height, picture] = process.argv.slice(2);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const bundle = await build({
  entryPoints: [here("three_page.js")], nodePaths: [here("../../viewer/node_modules")], bundle: true, write: false, logLevel: "error",
});

const browser = await launch();
const page = await browser.newPage();
page.on("console", (message) => console.log(message.text()));
await page.addScriptTag({ content: bundle.outputFiles[0].text });
const found = await page.evaluate(([glb, w, h]) => window.view(glb, w, h), [
  readFileSync(file).toString("base64"), Number(width), Number(height),
]);
await browser.close();
console.log("found", found.vertices, found.triangles, found.textures);
writeFileSync(picture, Buffer.from(found.picture.split(",")[1], "base64"));
