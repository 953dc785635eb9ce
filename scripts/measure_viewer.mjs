// SPDX-License-Identifier: MIT
// Usage: node scripts/measure_viewer.mjs PAGE.html...    (npm ci in tests/viewer first)
// Frame times of the viewer in Chromium, in a window of 1280 x 720, with WebGL computed by SwiftShader: a lower bound
// for every machine. With a graphics card: --gpu. Prints the rows of the table in docs/viewer.md.
//   drawing   from the call until the picture is there (finished by reading a pixel), at full detail
//   frames    between two frames of an even motion, as the browser comes to show them, at the detail that it falls to
import { pathToFileURL } from "node:url";
import { cpus } from "node:os";
import { drawn, launch } from "../tests/viewer/browser.mjs";

const files = process.argv.slice(2).filter((word) => word !== "--gpu");
const gpu = process.argv.includes("--gpu");
const draws = 60;
const seconds = 8;

const browser = await launch({ software: !gpu });
const at = (share, sorted) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);

async function measure(file) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, reducedMotion: "no-preference" });
  const page = await context.newPage();
  const began = Date.now();
  await page.goto(pathToFileURL(file).href);
  await drawn(page);
  const ready = Date.now() - began;
  await page.waitForTimeout(1000);

  const facts = await page.evaluate(async ([count, duration]) => {
    const element = document.querySelector("unflat-photo");
    const canvas = element.shadowRoot.querySelector("canvas");
    const gl = canvas.getContext("webgl2");
    // In the course of its own sway, which has not been touched yet
    const intervals = [];
    await new Promise((done) => {
      let before;
      const onFrame = (time) => {
        if (before !== undefined) intervals.push(time - before);
        before = time;
        if (time - first < duration * 1000) requestAnimationFrame(onFrame);
        else done();
      };
      const first = performance.now();
      requestAnimationFrame(onFrame);
    });
    const moving = canvas.width;
    const times = [];
    for (let i = 0; i < count; ++i) {
      const start = performance.now();
      element.look(0.8 * Math.sin(i / 5), 0.5 * Math.cos(i / 7), 0);
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
      times.push(performance.now() - start);
    }
    const names = gl.getExtension("WEBGL_debug_renderer_info");
    return {
      times, intervals, width: canvas.width, height: canvas.height, detail: moving / canvas.width,
      renderer: gl.getParameter(names.UNMASKED_RENDERER_WEBGL), samples: gl.getParameter(gl.SAMPLES),
    };
  }, [draws, seconds]);
  await context.close();
  return { ready, ...facts };
}

row("page", "picture", "first frame after [ms]", "drawing: best / median / 95th [ms]", "frames: best / median / 95th [ms]", "detail");
row("---", "---", "---", "---", "---", "---");
let renderer;
for (const file of files) {
  const facts = await measure(file);
  renderer = `${facts.renderer}, ${facts.samples} samples`;
  const sorted = (list) => [...list].sort((a, b) => a - b);
  const [times, intervals] = [sorted(facts.times), sorted(facts.intervals)];
  const pair = (list) => `${[0, 0.5, 0.95].map((share) => at(share, list).toFixed(0)).join(" / ")}`;
  row(file.split("/").slice(-2).join("/"), `${facts.width} x ${facts.height}`, facts.ready, pair(times), pair(intervals), facts.detail.toFixed(2));
}
console.log(`\n${renderer}; Chromium ${browser.version()}; ${cpus().length} cores, ${cpus()[0].model}`);
await browser.close();
