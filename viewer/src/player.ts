// SPDX-License-Identifier: MIT
// Moves and draws one asset; draws only when something has changed.
import type { Asset } from "./asset.js";
import { placeIn } from "./lens.js";
import type { Vec3, View } from "./lens.js";
import { cautious, cropAt, findMargin, mixed, noMargin } from "./margin.js";
import type { Margin } from "./margin.js";
import { lag, Motion } from "./motion.js";
import { Pace } from "./pace.js";
import type { Stage } from "./stage.js";

const longestStep = 0.05; // after a pause the motion goes on, it does not jump [s]

export class Player {
  readonly motion = new Motion();
  readonly #stage: Stage;
  readonly #asset: Asset;
  readonly #pace = new Pace();
  #margin = cautious; // as it is now
  #found: Margin | undefined; // what it goes to
  #search: { readonly steps: Generator<void, Margin>; readonly depth: number } | undefined;
  #request = 0;
  #time: number | undefined;
  #isVisible = true;

  constructor(stage: Stage, asset: Asset) {
    this.#stage = stage;
    this.#asset = asset;
    stage.show(asset);
    this.motion.focusOn(asset.focus, true);
    this.#searchFor(asset.focus);
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
    while (this.#search) this.#goOnSearching();
    this.motion.jump(place);
    this.#arrive();
    this.#stage.setDetail(1);
    this.draw();
  }

  /** Nothing is drawn while it cannot be seen. */
  setVisible(visible: boolean): void {
    this.#isVisible = visible;
    cancelAnimationFrame(this.#request);
    this.#request = 0;
    this.#time = undefined;
    if (visible) this.wake();
  }

  /** Focuses on what is seen at a place of the view (-1 to 1, y up). */
  focusAt(x: number, y: number): void {
    const depth = this.#stage.depthAt(x, y, this.#view());
    if (depth) this.#searchFor(depth);
  }

  stop(): void {
    this.#search = undefined;
    this.setVisible(false);
  }

  #onFrame(time: number): void {
    this.#request = 0;
    // The sway takes the camera to where the margin must be known
    const waits = this.motion.isSwaying && !this.#found;
    const seconds = this.#time === undefined ? 0 : Math.min(longestStep, (time - this.#time) / 1000);
    if (this.#time !== undefined) this.#pace.add(time - this.#time);
    const moves = !waits && this.motion.advance(seconds);
    if (moves) this.#margin = mixed(this.#margin, this.#found ?? this.#margin, 1 - Math.exp(-seconds / lag));
    else this.#arrive();
    this.#time = moves ? time : undefined;
    this.#stage.setDetail(moves ? this.#pace.detail : 1);
    this.draw();
    if (moves) this.wake();
  }

  #arrive(): void {
    this.#margin = this.#found ?? this.#margin;
  }

  #view(): View {
    const { place, crop, focus } = this.motion;
    const reached = place.map((share) => share * this.#margin.reach) as unknown as Vec3;
    return {
      position: placeIn(this.#asset.range, reached),
      focus,
      crop: { ...crop, zoom: Math.max(crop.zoom, cropAt(this.#margin, place)) },
    };
  }

  // Finds out what a focus takes, between the frames, and then takes it
  #searchFor(depth: number): void {
    const { frame, range } = this.#asset;
    const search = { steps: findMargin(frame, range, depth, this.#stage.coverage.bind(this.#stage)), depth };
    this.#search = search;
    const goOn = (): void => {
      if (this.#search !== search) return; // another one has begun
      this.#goOnSearching();
      setTimeout(goOn);
    };
    setTimeout(goOn);
  }

  #goOnSearching(): void {
    const { steps, depth } = this.#search!;
    const step = this.#asset.isPhoto ? steps.next() : { done: true as const, value: noMargin };
    if (!step.done) return;
    this.#search = undefined;
    this.#found = step.value;
    // Margin and focus go there together, so that neither is ahead of the other
    if (this.motion.place.every((share) => share === 0)) this.#arrive();
    this.motion.focusOn(depth);
    this.wake();
  }
}
