// SPDX-License-Identifier: MIT
// Usage: node element.mjs BASE PHOTO FOLDER    <unflat-photo> in pages of others, in Chromium. BASE.glb is a scene that
// unflat wrote of PHOTO.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { resolve } from "node:path";
import { Checks, countOf, drawn, expect, launch, look, photoAs, pictureOf, placed, psnr } from "./browser.mjs";
import { twoSquares } from "./foreign.mjs";

const [base, photo, folder] = process.argv.slice(2).map((path) => resolve(path));
const script = readFileSync(new URL("../../viewer/dist/unflat-photo.js", import.meta.url));
const scene = readFileSync(`${base}.glb`);
const red = [255, 0, 0];

const pages = {
  // The lines of docs/viewer.md
  "/five.html": `<!DOCTYPE html>
<title>A page</title>
<script src="unflat-photo.js" defer></script>
<h1>Before</h1>
<unflat-photo src="a%20photo.glb"></unflat-photo>`,
  "/two.html": `<!DOCTYPE html><style>body{margin:0;display:flex} unflat-photo{width:480px;height:480px;background:#f0f}</style>
<script src="unflat-photo.js" defer></script>
<unflat-photo src="a%20photo.glb" alt="one"></unflat-photo><unflat-photo src="a%20photo.glb" fit="cover" alt="other"></unflat-photo>`,
  "/long.html": `<!DOCTYPE html><style>body{height:4000px}</style><script src="unflat-photo.js" defer></script>
<unflat-photo src="a%20photo.glb"></unflat-photo>`,
  "/missing.html": `<!DOCTYPE html><script src="unflat-photo.js" defer></script><unflat-photo src="none.glb" poster="photo.jpg"></unflat-photo>`,
  "/broken.html": `<!DOCTYPE html><script src="unflat-photo.js" defer></script><unflat-photo src="unflat-photo.js"></unflat-photo>`,
  "/foreign.html": `<!DOCTYPE html><style>body{margin:0;background:#fff} unflat-photo{width:960px;height:640px;background:#fff}</style>
<script src="unflat-photo.js" defer></script><unflat-photo src="foreign.glb" sway="off"></unflat-photo>`,
};
const files = {
  "/unflat-photo.js": ["text/javascript", script],
  "/a%20photo.glb": ["model/gltf-binary", scene],
  "/foreign.glb": ["model/gltf-binary", twoSquares()],
  "/favicon.ico": ["image/x-icon", ""], // which browsers ask for on their own
  "/photo.jpg": ["image/jpeg", readFileSync(photo)],
};
// A site that allows nothing but its own files, and no styles in the page's elements
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'unsafe-inline'; img-src 'self' blob:; connect-src 'self' blob:";
const server = createServer((request, answer) => {
  const page = pages[request.url];
  const [type, body] = page ? ["text/html", page] : (files[request.url] ?? []);
  answer.writeHead(body === undefined ? 404 : 200, { "Content-Type": type ?? "text/plain", "Content-Security-Policy": policy }).end(body);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const site = `http://127.0.0.1:${server.address().port}/`;

const checks = new Checks(folder);
const browser = await launch();
const open = (name, settings) => checks.open(browser, site + name, { allowed: [site], ...settings });

await checks.check("five lines are enough", async () => {
  const page = await open("five.html");
  await drawn(page);
  expect((await page.getByRole("img", { name: "a photo", exact: true }).count()) === 1, "it is not called as its file");
  const { width, height } = await page.locator("unflat-photo").boundingBox();
  expect(Math.abs(width / height - 1.5) < 0.01, `it has ${width} x ${height}`);
});

await checks.check("two of them, one fitted and one filled", async () => {
  const page = await open("two.html");
  await page.waitForFunction(() =>
    [...document.querySelectorAll("unflat-photo")].every((e) => e.shadowRoot?.querySelector(".drawn")));
  const picture = await pictureOf(page);
  expect(countOf(picture, [255, 0, 255]) === 480 * 160, `${countOf(picture, [255, 0, 255])} pixels of the first are free`);
  // Filled: two thirds of the width, at three quarters of the size
  const filled = await pictureOf(page, { x: 480, y: 0, width: 480, height: 480 });
  const wanted = await photoAs(browser, photo, 720, 480);
  let sum = 0;
  for (let y = 0; y < 480; ++y)
    for (let x = 0; x < 480; ++x)
      for (let c = 0; c < 3; ++c) sum += (filled.data[4 * (480 * y + x) + c] - wanted.data[4 * (720 * y + x + 120) + c]) ** 2;
  const ratio = 10 * Math.log10((255 ** 2 * 3 * 480 * 480) / sum);
  console.log(`        ${ratio.toFixed(2)} dB`);
  expect(ratio > 30, `filled it has ${ratio} dB`);
});

await checks.check("the page keeps its wheel", async () => {
  const page = await open("long.html");
  await drawn(page);
  await page.mouse.move(400, 300);
  await page.mouse.wheel(0, 200);
  await page.waitForFunction(() => scrollY > 100);
  await placed(page, (x, y, z) => z === 0);
});

await checks.check("it goes out of the page and comes back", async () => {
  const page = await open("five.html");
  await drawn(page);
  await page.evaluate(() => {
    const element = document.querySelector("unflat-photo");
    element.remove();
    document.body.append(element);
  });
  await drawn(page);
  await look(page, 1, 0, 0);
  await page.evaluate(() => document.querySelector("unflat-photo").setAttribute("alt", "renamed"));
  expect((await page.getByRole("img", { name: "renamed" }).count()) === 1, "it has its old name");
});

await checks.check("it shows another file", async () => {
  const page = await open("five.html");
  await drawn(page);
  await page.evaluate(() => new Promise((done) => {
    const element = document.querySelector("unflat-photo");
    element.addEventListener("load", done, { once: true });
    element.src = "ignored"; // an attribute, not a property
    element.setAttribute("src", "foreign.glb");
  }));
  expect((await page.getByRole("img", { name: "foreign" }).count()) === 1, "it has its old name");
});

for (const [name, sentence] of [["missing", "404"], ["broken", "cannot be loaded"]])
  await checks.check(`a ${name} file is told`, async () => {
    const page = await open(`${name}.html`);
    await page.getByRole("alert").filter({ hasText: sentence }).waitFor();
    const noise = checks.takeNoise();
    expect(noise.every((line) => line.includes("404")), `the page said: ${noise}`);
  });

await checks.check("a scene of others is shown from its front", async () => {
  const page = await open("foreign.html");
  await drawn(page);
  const picture = await pictureOf(page);
  const count = countOf(picture, red);
  expect(count > 40_000 && count < 400_000, `${count} pixels of it are seen`);
  await look(page, 1, 0, 0);
  expect(psnr(picture, await pictureOf(page)) < 30, "it does not move");
});

await browser.close();
server.close();
checks.finish();
