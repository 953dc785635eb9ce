// SPDX-License-Identifier: MIT
// Usage: node scripts/make_viewer_image.mjs PAGE.html docs/images/viewer.jpg    (npm ci in tests/viewer first)
// The picture of docs/viewer.md: a page from the left, as it stands first, and from the right.
import { pathToFileURL } from "node:url";
import { drawn, launch, look } from "../tests/viewer/browser.mjs";

const [page, picture] = process.argv.slice(2);
const width = 420;
const height = 640;

const browser = await launch();
const view = await (await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce" })).newPage();
await view.goto(pathToFileURL(page).href);
await drawn(view);
const frames = [];
for (const place of [[-1, 0, -0.4], [0, 0, 0], [1, 0, -0.4]]) {
  await look(view, ...place);
  if (place[0] > 0) await view.mouse.move(width / 2, height / 2); // shows the button
  await view.waitForTimeout(400);
  frames.push((await view.screenshot()).toString("base64"));
}
const sheet = await browser.newPage({ viewport: { width: 3 * width + 16, height } });
await sheet.setContent(
  `<style>body{margin:0;display:flex;gap:8px;background:#fff}</style>` +
    frames.map((frame) => `<img src="data:image/png;base64,${frame}">`).join(""));
await sheet.screenshot({ path: picture, type: "jpeg", quality: 85 });
await browser.close();
