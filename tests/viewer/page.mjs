// SPDX-License-Identifier: MIT
// Usage: node page.mjs BASE PHOTO FOLDER    The page BASE.html that unflat wrote of PHOTO, in Chromium, as a person
// uses it. PHOTO has 960 x 640 pixels, and nothing in it is magenta. FOLDER gets pictures of what fails.
import { statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Checks, countOf, decode, drawn, expect, launch, look, photoAs, pictureOf, placed, placeOf, psnr } from "./browser.mjs";

const [base, photo, folder] = process.argv.slice(2).map((path) => resolve(path));
const file = `${base}.html`;
const address = pathToFileURL(file).href;
const magenta = [255, 0, 255];
const centre = [480, 320];
const checks = new Checks(folder);
const browser = await launch();
const plain = await launch({ webgl: false });
const open = (settings) => checks.open(browser, address, settings);
const opened = async (settings) => {
  const page = await open(settings);
  await drawn(page);
  return page;
};

// Keeps the picture of the very first frame, and whether it moved before
const keepFirstFrame = () =>
  document.addEventListener("load", ({ target }) => {
    if (target.localName === "unflat-photo") window.firstFrame = target.shadowRoot.querySelector("canvas").toDataURL();
  }, true);

await checks.check("the first frame is the photo", async () => {
  const page = await opened({ init: keepFirstFrame, reducedMotion: "no-preference" });
  const ratio = psnr(decode(await page.evaluate(() => window.firstFrame)), await photoAs(browser, photo, 960, 640));
  console.log(`        ${ratio.toFixed(2)} dB`);
  expect(ratio >= 30, `the first frame has ${ratio} dB`);
});

await checks.check("it is the photo on a fine screen too", async () => {
  const page = await opened({ deviceScaleFactor: 2 });
  const picture = await pictureOf(page);
  expect(picture.width === 1920, `${picture.width} pixels`);
  const size = await page.evaluate(() => document.querySelector("unflat-photo").shadowRoot.querySelector("canvas").width);
  expect(size === 1920, `the canvas has ${size} pixels`);
  const ratio = psnr(picture, await photoAs(browser, photo, 960, 640, 2));
  console.log(`        ${ratio.toFixed(2)} dB`);
  expect(ratio >= 30, `${ratio} dB`);
});

await checks.check("it is the photo with a WebP texture too", async () => {
  const page = await checks.open(browser, pathToFileURL(join(dirname(base), "webp", basename(file))).href);
  await drawn(page);
  const ratio = psnr(await pictureOf(page), await photoAs(browser, photo, 960, 640));
  console.log(`        ${ratio.toFixed(2)} dB`);
  expect(ratio >= 30, `${ratio} dB`);
});

await checks.check("it sways by itself, until it is touched", async () => {
  const page = await opened({ reducedMotion: "no-preference" });
  await placed(page, (x, y, z) => Math.abs(x) > 0.1);
  await page.mouse.move(...centre);
  await page.mouse.down();
  await page.mouse.move(centre[0] + 5, centre[1]);
  await page.mouse.up();
  await page.waitForTimeout(1500);
  const before = await placeOf(page);
  await page.waitForTimeout(700);
  const after = await placeOf(page);
  expect(before.every((share, i) => Math.abs(share - after[i]) < 0.01), `from ${before} to ${after}`);
});

await checks.check("nothing moves where less motion is wanted", async () => {
  const page = await opened();
  await page.waitForTimeout(2500);
  expect((await placeOf(page)).every((share) => share === 0), "it moved");
});

await checks.check("it follows the mouse and stops softly", async () => {
  const page = await opened();
  const before = await pictureOf(page);
  await page.mouse.move(...centre);
  await page.mouse.down();
  await page.mouse.move(centre[0] + 100, centre[1] + 30, { steps: 5 });
  await placed(page, (x, y, z) => x < -0.2 && y > 0.05);
  const [near] = await placeOf(page);
  expect(psnr(before, await pictureOf(page)) < 35, "the picture is as before");
  await page.mouse.move(centre[0] + 450, centre[1], { steps: 5 });
  await page.mouse.move(centre[0] - 470, centre[1], { steps: 5 });
  await page.mouse.move(centre[0] + 470, centre[1], { steps: 5 });
  await page.mouse.up();
  await page.waitForTimeout(300);
  const [x, y, z] = await placeOf(page);
  expect(x < near && Math.hypot(x, y) <= 1 && z === 0, `it is at ${x}, ${y}, ${z}`);
});

await checks.check("it follows the keys", async () => {
  const page = await opened();
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowRight");
  await placed(page, (x, y, z) => x > 0.1);
  await page.keyboard.press("ArrowUp");
  await placed(page, (x, y, z) => y > 0.1);
  await page.keyboard.press("+");
  await placed(page, (x, y, z) => z < -0.1);
  await page.keyboard.press("Home");
  await placed(page, (x, y, z) => x === 0 && y === 0 && z === 0);
  const ratio = psnr(await pictureOf(page), await photoAs(browser, photo, 960, 640), { width: 800, height: 560, x: 20, y: 20 });
  expect(ratio >= 30, `back at home it has ${ratio} dB`);
});

const touch = (session, type, points) =>
  session.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });

await checks.check("it follows one finger and two", async () => {
  const page = await opened({ hasTouch: true, isMobile: true });
  const session = await page.context().newCDPSession(page);
  await touch(session, "touchStart", [[500, 300]]);
  for (let i = 1; i <= 5; ++i) await touch(session, "touchMove", [[500 - 20 * i, 300]]);
  await touch(session, "touchEnd", []);
  await placed(page, (x, y, z) => x > 0.1);
  await touch(session, "touchStart", [[400, 320], [560, 320]]);
  for (let i = 1; i <= 5; ++i) await touch(session, "touchMove", [[400 - 10 * i, 320], [560 + 10 * i, 320]]);
  await touch(session, "touchEnd", []);
  await placed(page, (x, y, z) => z < -0.3);
});

await checks.check("the wheel comes closer", async () => {
  const page = await opened();
  await page.mouse.move(...centre);
  await page.mouse.wheel(0, -300);
  await placed(page, (x, y, z) => z < -0.3);
});

await checks.check("it follows the tilt of the device", async () => {
  const page = await opened({ reducedMotion: "no-preference" });
  await page.evaluate(() => {
    const tilt = (gamma) => window.dispatchEvent(new DeviceOrientationEvent("deviceorientation", { alpha: 0, beta: 40, gamma }));
    tilt(0);
    tilt(-8);
  });
  await placed(page, (x, y, z) => x > 0.15);
});

await checks.check("it asks for the tilt where the system wants that", async () => {
  const page = await opened({
    reducedMotion: "no-preference",
    hasTouch: true,
    init: () => (DeviceOrientationEvent.requestPermission = () => { window.asked = true; return Promise.resolve("granted"); }),
  });
  const tilt = () => page.evaluate(() => [0, -8].forEach((gamma) =>
    window.dispatchEvent(new DeviceOrientationEvent("deviceorientation", { alpha: 0, beta: 40, gamma }))));
  expect(!(await page.evaluate(() => window.asked)), "it asked without a tap");
  await page.getByRole("button", { name: "Move by tilting the device" }).click();
  expect(await page.evaluate(() => window.asked), "it did not ask");
  await page.waitForTimeout(100);
  await tilt();
  await placed(page, (x, y, z) => x > 0.15);
});

await checks.check("a double click keeps what is there in its place", async () => {
  // The lemon in front, far from the depth that is in focus first
  const place = [827, 462];
  const part = { x: place[0] - 24, y: place[1] - 24, width: 48, height: 48 };
  const moved = async (page) => {
    const before = await pictureOf(page);
    await look(page, 0.9, 0, 0);
    return psnr(before, await pictureOf(page), part);
  };
  const unfocused = await moved(await opened());
  const page = await opened();
  await page.mouse.dblclick(...place);
  await page.waitForTimeout(500);
  const focused = await moved(page);
  console.log(`        at (${place}) ${unfocused.toFixed(1)} dB before, ${focused.toFixed(1)} dB after`);
  expect(focused > unfocused + 3, "it moves as before");
});

const shares = [-1, 0, 1];
const places = shares.flatMap((x) => shares.flatMap((y) => shares.map((z) => [x, y, z])));
const magentaBehind = async () => {
  const page = await opened();
  await page.evaluate(() => (document.querySelector("unflat-photo").style.background = "#f0f"));
  return page;
};

await checks.check("the background never shows inside the range", async () => {
  const page = await magentaBehind();
  const check = async (where) => {
    const count = countOf(await pictureOf(page), magenta);
    expect(count === 0, `${count} pixels of it ${where}`);
  };
  await check("at rest");
  for (const place of places) {
    await look(page, ...place);
    await check(`at ${place}`);
  }
  await page.evaluate(() => document.querySelector("unflat-photo").focusAt(0.7, -0.6));
  for (const place of [[-1, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0]]) {
    await look(page, ...place);
    await check(`at ${place}, in focus elsewhere`);
  }
});

await checks.check("the scene itself leaves nothing free but sparks", async () => {
  const most = 12; // pixels of 614,400: where one falls between two triangles
  const page = await magentaBehind();
  await page.evaluate(() => document.querySelector("unflat-photo").setAttribute("backdrop", "off"));
  let found = 0;
  for (const place of places) {
    await look(page, ...place);
    const count = countOf(await pictureOf(page), magenta);
    found = Math.max(found, count);
    expect(count <= most, `${count} pixels are free at ${place}`);
  }
  console.log(`        ${found} pixels at most`);
});

await checks.check("it fits every window", async () => {
  const page = await opened();
  for (const [width, height] of [[400, 800], [1400, 500], [960, 640]]) {
    await page.setViewportSize({ width, height });
    await page.waitForFunction((w) => document.querySelector("unflat-photo").clientWidth === w, width);
    await page.waitForTimeout(300);
    const box = await page.evaluate(() => {
      const { width: w, height: h, x, y } = document.querySelector("unflat-photo").shadowRoot.querySelector("canvas").getBoundingClientRect();
      return { w, h, x, y };
    });
    expect(Math.abs(box.w / box.h - 1.5) < 0.01, `${box.w} x ${box.h}`);
    expect(Math.abs(box.w - width) < 1 || Math.abs(box.h - height) < 1, `${box.w} x ${box.h} in ${width} x ${height}`);
    expect(box.x >= 0 && box.y >= 0 && box.x + box.w <= width + 1 && box.y + box.h <= height + 1, "it sticks out");
  }
});

await checks.check("it fills the screen", async () => {
  const page = await opened();
  await page.mouse.move(...centre);
  await page.getByRole("button", { name: "Full screen" }).click();
  await page.waitForFunction(() => document.fullscreenElement?.localName === "unflat-photo");
  await page.keyboard.press("f");
  await page.waitForFunction(() => document.fullscreenElement === null);
});

await checks.check("who cannot see it hears its name", async () => {
  const page = await opened();
  const name = basename(base);
  expect((await page.getByRole("img", { name, exact: true }).count()) >= 1, "no picture has the file's name");
  expect((await page.title()) === name, `the title is ${await page.title()}`);
});

await checks.check("without WebGL it says so and shows the photo", async () => {
  const page = await checks.open(plain, address);
  await page.getByRole("alert").filter({ hasText: "WebGL" }).waitFor();
  const ratio = psnr(await pictureOf(page), await photoAs(browser, photo, 960, 640), { width: 960, height: 560 });
  console.log(`        ${ratio.toFixed(2)} dB`);
  expect(ratio >= 25, `it has ${ratio} dB`);
});

await checks.check("without scripts, as while it loads, the poster is there", async () => {
  const page = await checks.open(plain, address, { javaScriptEnabled: false });
  const ratio = psnr(await pictureOf(page), await photoAs(browser, photo, 960, 640));
  expect(ratio >= 25, `it has ${ratio} dB`);
});

await checks.check("it is small", async () => {
  const { size } = statSync(file);
  console.log(`        ${size} bytes`);
  // What is not the scene; a scene has at most 500 KB, in base64
  const scene = await (await opened()).evaluate(() => document.querySelector("unflat-photo script").textContent.length);
  expect(size - scene <= 1_300_000 - (500_000 * 4) / 3, `${size - scene} bytes beside the scene`);
});

await browser.close();
await plain.close();
checks.finish();
