// SPDX-License-Identifier: MIT
// Where the camera is, and how it gets there: what was asked for is followed with a little lag, and until somebody
// touches it the view sways. Numbers only.
import { clamp, harden, insidePhoto, soften, whole } from "./lens.js";
import type { Crop, Vec3 } from "./lens.js";

export const lag = 0.11; // time constant [s]: soft, and not felt as late
const swayPeriod = 7; // [s]
const swaySideways = 0.55;
const swayUpward = 0.3;
const swayForward = 0.25;
const stillFirst = 0.8; // the photo as it is, before it begins to move [s]
const swayGrowth = 2.5; // until the sway is in full swing [s]
const mostPush = 1.6; // how far beyond the soft stop a hand is remembered, so that turning back is felt soon
const mostZoom = 4;
const mostBack = 0.5; // by hand: going back shows more and more that was never in the photo
const walkPerZoom = 2; // of an enlargement by e, the camera walks twice its range, so it arrives at 1.65
const settled = 1e-4;

interface State {
  readonly place: Vec3;
  readonly crop: Crop;
  readonly inverseFocus: number;
}

const atRest: State = { place: [0, 0, 0], crop: whole, inverseFocus: 1 };

export class Motion {
  isSwaying = true;
  isCalm = false; // reduced motion: nothing moves by itself, nothing glides

  #push: [number, number] = [0, 0]; // what hands asked for, before the soft stop
  #nearness = 0; // -1: farthest back; 1: farthest ahead; beyond that the picture is only enlarged
  #crop: Crop = whole;
  #inverseFocus = 1;
  #swayTime = 0;
  #now = atRest;
  #isHeld = false; // after jump(), until something else is asked for

  get place(): Vec3 {
    return this.#now.place;
  }
  get crop(): Crop {
    return this.#now.crop;
  }
  get focus(): number {
    return 1 / this.#now.inverseFocus;
  }

  /** Moves the camera by shares of the range; x right, y up. */
  push(x: number, y: number): void {
    this.#touch();
    const [a, b] = [this.#push[0] + x, this.#push[1] + y];
    const excess = Math.max(1, Math.hypot(a, b) / mostPush);
    this.#push = [a / excess, b / excess];
  }

  /** Leans to a place of the range, as a tilted device does. */
  lean(x: number, y: number): void {
    this.#touch();
    this.#push = [0, 0];
    this.push(x, y);
  }

  /**
   * Comes closer by a factor, or goes away: the camera walks, and the picture is enlarged around a place of the
   * view (-1 to 1, y up), never to less than the whole.
   */
  approach(factor: number, x = 0, y = 0): void {
    this.#touch();
    const before = zoomOf(this.#nearness);
    this.#nearness = clamp(
      this.#nearness + walkPerZoom * Math.log(factor), -mostBack, walkPerZoom * Math.log(mostZoom));
    const zoom = zoomOf(this.#nearness);
    // What lies under (x, y) stays there
    const hold = 1 / before - 1 / zoom;
    this.#crop = insidePhoto({ x: this.#crop.x + x * hold, y: this.#crop.y + y * hold, zoom });
  }

  /** Shifts the enlarged part by shares of the view. */
  shift(x: number, y: number): void {
    this.#touch();
    const { zoom } = this.#crop;
    this.#crop = insidePhoto({ x: this.#crop.x + (2 * x) / zoom, y: this.#crop.y + (2 * y) / zoom, zoom });
  }

  focusOn(depth: number, atOnce = false): void {
    this.#inverseFocus = 1 / depth;
    this.#isHeld = false;
    if (atOnce) this.#now = { ...this.#now, inverseFocus: this.#inverseFocus };
  }

  /** Goes to a place of the range at once, and stays. */
  jump([x, y, z]: Vec3): void {
    this.#touch();
    const excess = Math.max(1, Math.hypot(x, y));
    const place: Vec3 = [x / excess, y / excess, clamp(z, -1, 1)];
    this.#push = harden(place[0], place[1], mostPush);
    this.#nearness = -place[2];
    this.#crop = whole;
    this.#now = { place, crop: whole, inverseFocus: this.#inverseFocus };
    this.#isHeld = true;
  }

  reset(): void {
    this.#touch();
    this.#push = [0, 0];
    this.#nearness = 0;
    this.#crop = whole;
  }

  /** Begins anew: still at the photo's own camera, then swaying. */
  restart(): void {
    this.reset();
    this.#now = { ...atRest, inverseFocus: this.#inverseFocus };
    this.#swayTime = 0;
    this.isSwaying = true;
  }

  /** Sways again from where it is, or stops. */
  toggleSway(): void {
    if (this.isSwaying) {
      this.#touch();
      return;
    }
    this.reset();
    this.#swayTime = stillFirst;
    this.isSwaying = true;
  }

  /**
   * Goes on by some seconds.
   * @return whether anything will move after this.
   */
  advance(seconds: number): boolean {
    if (this.#isHeld) return false;
    const sways = this.isSwaying && !this.isCalm;
    if (sways) this.#swayTime += seconds;
    const wanted: State = { place: sways ? this.#sway() : this.#wish(), crop: this.#crop, inverseFocus: this.#inverseFocus };
    const next = mixed(this.#now, wanted, this.isCalm ? 1 : 1 - Math.exp(-seconds / lag));
    const arrived = !sways && difference(next, wanted) < settled;
    this.#now = arrived ? wanted : next;
    return !arrived;
  }

  // A hand: the sway ends where it is
  #touch(): void {
    if (this.isSwaying) this.#push = harden(this.#now.place[0], this.#now.place[1], mostPush);
    this.isSwaying = false;
    this.#isHeld = false;
  }

  #wish(): Vec3 {
    const [x, y] = soften(...this.#push);
    return [x, y, -clamp(this.#nearness, -1, 1)];
  }

  // A lying eight, and forward in its middle; begins at rest in position and in speed
  #sway(): Vec3 {
    const time = Math.max(0, this.#swayTime - stillFirst);
    const grown = Math.min(1, time / swayGrowth);
    const swing = grown * grown * (3 - 2 * grown);
    const phase = (2 * Math.PI * time) / swayPeriod;
    return [
      swing * swaySideways * Math.sin(phase),
      swing * swayUpward * Math.sin(2 * phase),
      -swing * swayForward * (0.5 - 0.5 * Math.cos(phase)),
    ];
  }
}

const zoomOf = (nearness: number): number => Math.exp(Math.max(0, nearness) / walkPerZoom);

function mixed(from: State, to: State, share: number): State {
  const mix = (a: number, b: number): number => a + (b - a) * share;
  return {
    place: [mix(from.place[0], to.place[0]), mix(from.place[1], to.place[1]), mix(from.place[2], to.place[2])],
    // Where both mix alike in the size of what is seen, the point under the hand stays under it
    crop: insidePhoto({
      x: mix(from.crop.x, to.crop.x),
      y: mix(from.crop.y, to.crop.y),
      zoom: 1 / mix(1 / from.crop.zoom, 1 / to.crop.zoom),
    }),
    inverseFocus: mix(from.inverseFocus, to.inverseFocus),
  };
}

function difference(a: State, b: State): number {
  return Math.max(
    ...a.place.map((share, axis) => Math.abs(share - b.place[axis]!)),
    Math.abs(a.crop.x - b.crop.x),
    Math.abs(a.crop.y - b.crop.y),
    Math.abs(a.crop.zoom - b.crop.zoom),
    Math.abs(a.inverseFocus / b.inverseFocus - 1),
  );
}
