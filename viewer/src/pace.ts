// SPDX-License-Identifier: MIT
// Keeps a slow machine fluent: what moves is drawn coarser there, what stands still never.

const slow = 40; // [ms] between frames: below 25 a second motion falls apart
const fast = 22; // [ms]: there is time left for more
const enough = 6; // frames before a change
const least = 0.7; // half of the pixels
const step = 0.8;

export class Pace {
  detail = 1;
  #sum = 0;
  #count = 0;

  /** Takes the time between two frames of a motion [ms]. */
  add(interval: number): void {
    this.#sum += interval;
    if (++this.#count < enough) return;
    const mean = this.#sum / this.#count;
    this.#sum = this.#count = 0;
    if (mean > slow) this.detail = Math.max(least, this.detail * step);
    else if (mean < fast) this.detail = Math.min(1, this.detail / step);
  }
}
