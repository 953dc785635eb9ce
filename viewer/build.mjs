// SPDX-License-Identifier: MIT
// node build.mjs           bundles src/ into dist/unflat-photo.js, and with page.html into dist/page.html
// node build.mjs --check   fails unless that is what stands in dist/
import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = (path) => new URL(path, import.meta.url);
const mostPacked = 200_000; // of the element's script, packed [bytes]

const licence = (name, file) => `${name}\n\n${readFileSync(here(file), "utf8").trim()}\n`;
const banner = `/* SPDX-License-Identifier: MIT */
/*! unflat-photo. It contains:\n\n${licence("three.js", "node_modules/three/LICENSE")}
${licence("meshoptimizer (decoder)", "node_modules/meshoptimizer/LICENSE.md")}*/`;

async function bundle() {
  const result = await build({
    absWorkingDir: here(".").pathname,
    entryPoints: ["src/main.ts"],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    banner: { js: banner },
    write: false,
  });
  return result.outputFiles[0].text;
}

// The page carries the viewer packed; {{title}}, {{poster}} (an img element) and {{scene}} (base64) are filled in by src/io/html.cpp
const pageOf = (script) =>
  readFileSync(here("page.html"), "utf8").replace("{{viewer}}", gzipSync(script, { level: 9 }).toString("base64"));

const scriptOf = (page) =>
  gunzipSync(Buffer.from(/id="viewer">([^<]*)</.exec(page)[1], "base64")).toString("utf8");

const script = await bundle();
const packed = gzipSync(script, { level: 9 }).length;
console.log(`unflat-photo.js: ${script.length} bytes, ${packed} packed`);
if (packed > mostPacked) throw new Error(`that is more than ${mostPacked}`);

if (process.argv.includes("--check")) {
  // What packing makes differs between versions of zlib, so the page is unpacked
  const page = readFileSync(here("dist/page.html"), "utf8");
  const stale = [
    readFileSync(here("dist/unflat-photo.js"), "utf8") !== script && "dist/unflat-photo.js",
    (scriptOf(page) !== script || page.replace(/(id="viewer">)[^<]*/, "$1{{viewer}}") !== readFileSync(here("page.html"), "utf8")) &&
      "dist/page.html",
  ].filter(Boolean);
  if (stale.length) throw new Error(`not made of the present sources: ${stale.join(", ")}; run: npm run build`);
} else {
  writeFileSync(here("dist/unflat-photo.js"), script);
  writeFileSync(here("dist/page.html"), pageOf(script));
}
