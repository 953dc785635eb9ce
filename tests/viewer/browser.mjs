// SPDX-License-Identifier: MIT
// What the tests of the viewer share: Debian's Chromium, a list of checks, pictures and their distance.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const skipped = 77;

function skip(reason) {
  console.log(reason);
  process.exit(skipped);
}

export const chromiumPath = () =>
  [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
    (path) => path && existsSync(path));

const playwright = await import("playwright-core").catch(() => skip("playwright-core is not installed: npm ci in tests/viewer"));
const { PNG } = (await import("pngjs")).default;
if (!chromiumPath()) skip("chromium is not installed");

// WebGL is computed by SwiftShader, so that it is there on every machine
const computed = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];

/** A browser; without WebGL, or with the machine's own, if asked for. */
export function launch({ webgl = true, software = true } = {}) {
  return playwright.chromium.launch({
    executablePath: chromiumPath(),
    args: [...(process.getuid() === 0 ? ["--no-sandbox"] : []), ...(!webgl ? ["--disable-3d-apis"] : software ? computed : [])],
  });
}

/** Named checks, one after the other; a picture of every page is left where one fails. */
export class Checks {
  #failures = 0;
  #folder;
  #pages = [];
  #noise = [];

  constructor(folder) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /**
   * A page at an address, watched: whatever it says on the console or asks for, other than `allowed` and what it
   * carries itself, fails the check.
   */
  async open(browser, address, { allowed = [], init, ...settings } = {}) {
    const context = await browser.newContext({ viewport: { width: 960, height: 640 }, reducedMotion: "reduce", ...settings });
    const page = await context.newPage();
    this.#pages.push(page);
    page.on("console", (message) => this.#noise.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => this.#noise.push(`error: ${error}`));
    page.on("request", (request) => {
      const own = [address, "blob:", "data:", ...allowed].some((start) => request.url().startsWith(start));
      if (!own) this.#noise.push(`request: ${request.url().slice(0, 100)}`);
    });
    if (init) await page.addInitScript(init);
    await page.goto(address);
    return page;
  }

  /** The noise that a check expects. */
  takeNoise() {
    return this.#noise.splice(0);
  }

  async check(name, body) {
    const began = Date.now();
    try {
      await body();
      if (this.#noise.length) throw new Error(`the page is not silent: ${this.#noise.join("; ")}`);
      console.log(`ok      ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      ++this.#failures;
      console.log(`FAILED  ${name}: ${error.stack}`);
      await this.#leavePictures(name);
    }
    this.#noise = [];
    for (const page of this.#pages.splice(0)) await page.context().close();
  }

  async #leavePictures(name) {
    const base = join(this.#folder, name.replace(/[^a-zA-Z0-9]+/g, "-"));
    for (const [i, page] of this.#pages.entries()) {
      const path = `${base}-${i}.png`;
      await page.screenshot({ path }).then(() => console.log(`        ${path}`), () => {});
    }
  }

  finish() {
    process.exit(this.#failures ? 1 : 0);
  }
}

export function expect(condition, sentence) {
  if (!condition) throw new Error(sentence);
}

/** Waits until the 3D photo is drawn. */
export const drawn = (page, selector = "unflat-photo") =>
  page.waitForFunction((s) => document.querySelector(s)?.shadowRoot?.querySelector(".drawn"), selector, { timeout: 60_000 });

export const placeOf = (page) => page.evaluate(() => [...document.querySelector("unflat-photo").place]);

export const look = (page, x, y, z) =>
  page.evaluate(([a, b, c]) => document.querySelector("unflat-photo").look(a, b, c), [x, y, z]);

/** Waits for a fact about the camera's place. */
export async function placed(page, fact) {
  const patience = 60_000; // [ms]
  let place;
  for (const end = Date.now() + patience; Date.now() < end; await page.waitForTimeout(50)) {
    place = await placeOf(page);
    if (fact(...place)) return;
  }
  throw new Error(`it stays at ${place}, where ${fact} does not hold`);
}

export const pictureOf = async (page, clip) => PNG.sync.read(await page.screenshot(clip ? { clip } : {}));

export const decode = (url) => PNG.sync.read(Buffer.from(url.split(",")[1], "base64"));

/** What the browser itself makes of a picture file that fills the window. */
export async function photoAs(browser, file, width, height, deviceScaleFactor = 1) {
  const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  await page.evaluate(() => (document.images[0].style = "position:fixed; inset:0; width:100%; height:100%"));
  const picture = await pictureOf(page);
  await context.close();
  return picture;
}

/** Peak signal-to-noise ratio of two pictures [dB]; of a part of them, if given. */
export function psnr(a, b, { x = 0, y = 0, width = a.width, height = a.height } = {}) {
  expect(a.width === b.width && a.height === b.height, `${a.width} x ${a.height} is not ${b.width} x ${b.height}`);
  let sum = 0;
  for (let row = y; row < y + height; ++row)
    for (let column = x; column < x + width; ++column)
      for (let channel = 0; channel < 3; ++channel) {
        const i = 4 * (row * a.width + column) + channel;
        sum += (a.data[i] - b.data[i]) ** 2;
      }
  return 10 * Math.log10((255 ** 2 * 3 * width * height) / sum);
}

/** Pixels that are nearly of a colour. */
export function countOf({ data }, [red, green, blue], tolerance = 70) {
  let count = 0;
  for (let i = 0; i < data.length; i += 4)
    if (Math.abs(data[i] - red) + Math.abs(data[i + 1] - green) + Math.abs(data[i + 2] - blue) < tolerance) ++count;
  return count;
}
