// SPDX-License-Identifier: MIT
// Moves and draws one asset; draws only when something has changed.
import type { Asset } from "./asset.js";
import { placeIn } from "./lens.js";
import type { Vec3, View } from "./lens.js";
import { cropAt, findMargin, noMargin } from "./margin.js";
import type { Margin } from "./margin.js";
import { Motion } from "./motion.js";
import { Pace } from "./pace.js";
import type { Stage } from "./stage.js";

const longestStep = 0.05; // after a pause the motion goes on, it does not jump [s]

interface FocusedMargin {
  readonly inverseFocus: number;
  readonly margin: Margin;
}

export class Player {
  readonly motion = new Motion();
  readonly #stage: Stage;
  readonly #asset: Asset;
  #before: FocusedMargin | undefined; // of the focus that is being left
  #after: FocusedMargin | undefined; // of the focus that was asked for
  readonly #pace = new Pace();
  #request = 0;
  #time: number | undefined;
  #isVisible = true;

  constructor(stage: Stage, asset: Asset) {
    this.#stage = stage;
    this.#asset = asset;
    stage.show(asset);
    this.motion.focusOn(asset.focus, true);
  }

  /** Draws the next frames, as long as anything moves. */
  wake(): void {
    if (this.#request || !this.#isVisible) return;
    this.#request = requestAnimationFrame((time) => this.#onFrame(time));
  }

  /** Draws now, at once. */
  draw(): void {
    this.#stage.draw(this.#view());
  }

  /** Goes to a place of the range at once (see Motion), and draws it in full. */
  jump(place: Vec3): void {
    this.motion.jump(place);
    this.#stage.setDetail(1);
    this.draw();
  }

  /** Nothing is drawn while it cannot be seen. */
  setVisible(visible: boolean): void {
    this.#isVisible = visible;
    this.#stop();
    if (visible) this.wake();
  }

  /** Finds out how much to crop at the ends of the range; some tenths of a second without a graphics card. */
  prepare(): void {
    if (this.#after) return;
    this.#after = this.#marginFor(this.#asset.focus);
  }

  /** Focuses on what is seen at a place of the view (-1 to 1, y up). */
  focusAt(x: number, y: number): void {
    const depth = this.#stage.depthAt(x, y, this.#view());
    if (!depth) return;
    this.#before = { inverseFocus: 1 / this.motion.focus, margin: this.#margin() };
    this.#after = this.#marginFor(depth);
    this.motion.focusOn(depth);
    this.wake();
  }

  stop(): void {
    this.setVisible(false);
  }

  #stop(): void {
    cancelAnimationFrame(this.#request);
    this.#request = 0;
    this.#time = undefined;
  }

  #onFrame(time: number): void {
    this.#request = 0;
    const seconds = this.#time === undefined ? 0 : Math.min(longestStep, (time - this.#time) / 1000);
    if (this.#time !== undefined) this.#pace.add(time - this.#time);
    const moves = this.motion.advance(seconds);
    this.#time = moves ? time : undefined;
    this.#stage.setDetail(moves ? this.#pace.detail : 1);
    this.draw();
    if (moves) this.wake();
  }

  #view(): View {
    const { place, crop, focus } = this.motion;
    const margin = place.every((share) => share === 0) ? noMargin : this.#margin();
    const reached = place.map((share) => share * margin.reach) as unknown as Vec3;
    return {
      position: placeIn(this.#asset.range, reached),
      focus,
      crop: { ...crop, zoom: Math.max(crop.zoom, cropAt(margin, place)) },
    };
  }

  #marginFor(depth: number): FocusedMargin {
    const { frame, range, isPhoto } = this.#asset;
    const look = this.#stage.coverage.bind(this.#stage);
    return { inverseFocus: 1 / depth, margin: isPhoto ? findMargin(frame, range, depth, look) : noMargin };
  }

  // On the way from one focus to another; what is needed grows at most evenly with the inverse of the depth
  #margin(): Margin {
    this.prepare();
    const [before, after] = [this.#before, this.#after!];
    const now = 1 / this.motion.focus;
    if (!before || Math.abs(now / after.inverseFocus - 1) < 1e-6) return after.margin;
    const share = (now - before.inverseFocus) / (after.inverseFocus - before.inverseFocus || 1);
    const mix = (key: keyof Margin): number => before.margin[key] + share * (after.margin[key] - before.margin[key]);
    return { reach: mix("reach"), sideways: mix("sideways"), back: mix("back") };
  }
}
