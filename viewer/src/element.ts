// SPDX-License-Identifier: MIT
// <unflat-photo>: the element of the page. docs/viewer.md describes its attributes, methods and events.
import type { Asset } from "./asset.js";
import { readAsset } from "./asset.js";
import { listen } from "./input.js";
import type { Wishes } from "./input.js";
import { aspectOf } from "./lens.js";
import type { Vec3 } from "./lens.js";
import { Player } from "./player.js";
import { buildShell } from "./shell.js";
import { hasSource, nameOf, readSource } from "./source.js";
import { makeStage } from "./stage.js";
import type { Stage } from "./stage.js";
import { ask, followTilt, mustAsk } from "./tilt.js";

const mostPixels = 4096 * 2304; // of the canvas: beyond that nobody sees more, and phones run hot
const dragRange = 2; // shares of the range for a drag along the shorter side
const calm = "(prefers-reduced-motion: reduce)";

export class UnflatPhoto extends HTMLElement {
  static readonly observedAttributes = ["src", "poster", "alt", "fit", "sway", "backdrop", "class", "style"];

  readonly #shell = buildShell(this);
  #stage: Stage | undefined;
  #asset: Asset | undefined;
  #player: Player | undefined;
  #life: AbortController | undefined; // while it is in a page
  #loading: AbortController | undefined;
  #pixels: [number, number] | undefined; // of the element's box, as the screen has them

  connectedCallback(): void {
    this.#life = new AbortController();
    const { signal } = this.#life;
    listen(this.#shell.canvas, this.#wishes, signal);
    this.#watchSize(signal);
    this.#watchVisibility(signal);
    this.#watchCalm(signal);
    this.#offerFullScreen(signal);
    this.#offerTilt(signal);
    this.#watchContext(signal);
    this.#applyAttributes();
    this.#load();
  }

  disconnectedCallback(): void {
    this.#life?.abort();
    this.#loading?.abort();
    this.#player?.stop();
    this.#player = undefined;
    this.#stage?.dispose();
    this.#stage = undefined;
    this.#shell.all.classList.remove("drawn");
    // A canvas gives one context in its life
    const fresh = this.#shell.canvas.cloneNode() as HTMLCanvasElement;
    this.#shell.canvas.replaceWith(fresh);
    this.#shell.canvas = fresh;
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.#life || this.#life.signal.aborted || before === after) return;
    this.#applyAttributes();
    if (name === "src") this.#load();
    if (name === "fit" || name === "backdrop" || name === "class" || name === "style") this.#layOut();
  }

  /**
   * Puts the camera to a place of its range at once, and leaves it there: each from -1 to 1, x right, y up, z back;
   * (0, 0, 0) is the photo.
   */
  look(x: number, y: number, z = 0): void {
    this.#player?.jump([x, y, z]);
  }

  /** Glides back to the photo. */
  reset(): void {
    this.#player?.motion.reset();
    this.#player?.wake();
  }

  /** Keeps in place what is seen at (x, y), from -1 to 1 across the picture, y up. */
  focusAt(x: number, y: number): void {
    this.#player?.focusAt(x, y);
  }

  /** Where the camera is now, as for look(). */
  get place(): Vec3 {
    return this.#player?.motion.place ?? [0, 0, 0];
  }

  /** Draws the present view at once; for screenshots and measurements. */
  redraw(): void {
    this.#player?.draw();
  }

  readonly #wishes: Wishes = {
    drag: (x, y) => this.#move((player) => player.motion.push(-dragRange * x, dragRange * y)),
    approach: (factor, x, y) => this.#move((player) => player.motion.approach(factor, x, y)),
    shift: (x, y) => this.#move((player) => player.motion.shift(-x, y)),
    focus: (x, y) => this.focusAt(x, y),
    reset: () => this.reset(),
    toggleSway: () => this.#move((player) => player.motion.toggleSway()),
    toggleFullScreen: () => void this.#toggleFullScreen(),
    ownsGestures: () => this.getAttribute("gestures") === "all" || document.fullscreenElement === this,
  };

  #move(wish: (player: Player) => void): void {
    if (!this.#player) return;
    wish(this.#player);
    this.#player.wake();
  }

  #applyAttributes(): void {
    const { canvas, poster } = this.#shell;
    const name = this.getAttribute("alt") ?? (nameOf(this.getAttribute("src")) || this.#asset?.title);
    canvas.setAttribute("aria-label", name || "3D photo");
    const url = this.getAttribute("poster");
    poster.hidden = url === null;
    if (url !== null && poster.getAttribute("src") !== url) poster.src = url;
    this.#stage?.setBackdrop(this.getAttribute("backdrop") !== "off");
    if (this.#player && this.getAttribute("sway") === "off") this.#player.motion.isSwaying = false;
  }

  #fit(): "contain" | "cover" {
    return this.getAttribute("fit") === "cover" ? "cover" : "contain";
  }

  #load(): void {
    this.#loading?.abort();
    this.#loading = new AbortController();
    const { signal } = this.#loading;
    if (hasSource(this)) void this.#loadNow(signal).catch((error: unknown) => {
      if (!signal.aborted) this.#fail(error);
    });
  }

  async #loadNow(signal: AbortSignal): Promise<void> {
    this.#stage ??= makeStage(this.#shell.canvas);
    if (!this.#stage) {
      this.#say("This browser cannot show the photo in 3D: WebGL 2 is missing or switched off.");
      this.dispatchEvent(new CustomEvent("error", { detail: "WebGL 2 is missing" }));
      return;
    }
    const source = await readSource(this, signal);
    const asset = await readAsset(source.bytes, source.folder);
    if (signal.aborted) return;
    this.#say("");
    this.#show(asset);
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#say(`This 3D photo cannot be loaded: ${reason}`);
    this.dispatchEvent(new CustomEvent("error", { detail: reason }));
  }

  #say(sentence: string): void {
    this.#shell.message.textContent = sentence;
  }

  #show(asset: Asset): void {
    this.#asset = asset;
    this.#player?.stop();
    this.#player = new Player(this.#stage!, asset);
    this.#player.motion.isCalm = matchMedia(calm).matches;
    this.#shell.sheet.replaceSync(`:host { aspect-ratio: ${aspectOf(asset.frame)} }`);
    this.#applyAttributes();
    this.#layOut();
    this.#player.draw();
    this.#shell.all.classList.add("drawn");
    this.dispatchEvent(new CustomEvent("load"));
    this.#player.wake();
  }

  // ---- Size

  #watchSize(signal: AbortSignal): void {
    const observer = new ResizeObserver(([entry]) => {
      const box = entry?.devicePixelContentBoxSize?.[0];
      this.#pixels = box && [box.inlineSize, box.blockSize];
      this.#layOut();
    });
    try {
      observer.observe(this, { box: "device-pixel-content-box" });
    } catch {
      observer.observe(this); // Safari
    }
    signal.addEventListener("abort", () => observer.disconnect());
  }

  // The canvas gets whole pixels of the screen, so that a photo of the element's size is shown pixel by pixel
  #layOut(): void {
    if (!this.#asset || !this.#player || !this.#stage) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = this.#pixelsOf(this.clientWidth * ratio, this.clientHeight * ratio);
    if (width === 0 || height === 0) return;
    const aspect = aspectOf(this.#asset.frame);
    const isWider = width / height > aspect;
    const byHeight = this.#fit() === "cover" ? !isWider : isWider;
    const w = Math.max(1, byHeight ? Math.round(height * aspect) : width);
    const h = Math.max(1, byHeight ? height : Math.round(width / aspect));

    const { style } = this.#shell.canvas;
    style.width = `${w / ratio}px`;
    style.height = `${h / ratio}px`;
    style.left = `${Math.floor((width - w) / 2) / ratio}px`;
    style.top = `${Math.floor((height - h) / 2) / ratio}px`;
    const fewer = Math.min(1, Math.sqrt(mostPixels / (w * h)));
    this.#stage.resize(Math.round(w * fewer), Math.round(h * fewer));
    this.#stage.setBackground(...colorOf(getComputedStyle(this).backgroundColor));
    this.#player.draw();
    this.#player.wake();
  }

  // What the browser says of whole pixels, where that is about the page as it is scaled now (emulated screens are not)
  #pixelsOf(width: number, height: number): [number, number] {
    const told = this.#pixels;
    const fits = told && Math.abs(told[0] - width) < 2 && Math.abs(told[1] - height) < 2;
    return fits ? told : [Math.round(width), Math.round(height)];
  }

  // ---- What the page and the system do

  #watchVisibility(signal: AbortSignal): void {
    let isNear = true;
    const apply = (): void => this.#player?.setVisible(isNear && !document.hidden);
    const observer = new IntersectionObserver(([entry]) => {
      isNear = entry?.isIntersecting ?? true;
      apply();
    });
    observer.observe(this);
    signal.addEventListener("abort", () => observer.disconnect());
    document.addEventListener("visibilitychange", apply, { signal });
  }

  #watchCalm(signal: AbortSignal): void {
    const query = matchMedia(calm);
    query.addEventListener("change", () => this.#move((player) => (player.motion.isCalm = query.matches)), { signal });
  }

  #watchContext(signal: AbortSignal): void {
    const { canvas } = this.#shell;
    // Asked not to give up, the browser hands the context back, and three.js uploads anew
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault(), { signal });
    canvas.addEventListener("webglcontextrestored", () => this.#player?.wake(), { signal });
  }

  #offerFullScreen(signal: AbortSignal): void {
    const { full } = this.#shell;
    full.hidden = !document.fullscreenEnabled;
    full.addEventListener("click", () => void this.#toggleFullScreen(), { signal });
  }

  async #toggleFullScreen(): Promise<void> {
    if (!document.fullscreenEnabled) return;
    try {
      await (document.fullscreenElement === this ? document.exitFullscreen() : this.requestFullscreen());
    } catch { /* the browser does not want to now; nothing is lost */ }
    this.#shell.canvas.focus();
  }

  #offerTilt(signal: AbortSignal): void {
    const { tilt } = this.#shell;
    const follow = (): void =>
      followTilt((x, y) => {
        tilt.hidden = true; // it is told without being asked for
        if (!matchMedia(calm).matches) this.#move((player) => player.motion.lean(x, y));
      }, signal);
    follow();
    // A button only on what one holds in the hand
    tilt.hidden = !(mustAsk() && matchMedia("(any-pointer: coarse)").matches);
    tilt.addEventListener("click", async () => {
      tilt.hidden = true;
      if (await ask()) follow();
    }, { signal });
  }
}

// "rgb(1, 2, 3)" or "rgba(…)", which is how computed colours are written
function colorOf(text: string): [number, number, number] {
  const [red = 0, green = 0, blue = 0] = (text.match(/[\d.]+/g) ?? []).map(Number);
  return [red / 255, green / 255, blue / 255];
}
