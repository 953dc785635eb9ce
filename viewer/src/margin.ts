// SPDX-License-Identifier: MIT
// How far the camera may go before the end of the scene comes into view. Beyond its border a photo is continued only
// a little, for a camera that does not turn; this viewer shears its view so that the focus stays, which turns to
// other parts of the border. What lacks is cropped: the view closes in by some per cent towards the ends of the
// range. How many is found by looking, small and unseen, once per photo and focus.
import { aspectOf, placeIn } from "./lens.js";
import type { Crop, Frame, Range, Vec3, View } from "./lens.js";

export interface Margin {
  readonly reach: number; // share of the range that is used
  readonly sideways: number; // crop at its ends, as a share of the view
  readonly back: number; // further crop where it lies farthest back
}

export const noMargin: Margin = { reach: 1, sideways: 0, back: 0 };

/** Until it is known: less of the range, and more of a crop than most scenes need. */
export const cautious: Margin = { reach: 0.5, sideways: 0.04, back: 0.06 };

export function mixed(from: Margin, to: Margin, share: number): Margin {
  const mix = (key: keyof Margin): number => from[key] + share * (to[key] - from[key]);
  return { reach: mix("reach"), sideways: mix("sideways"), back: mix("back") };
}

export type Look = (view: View, width: number, height: number) => boolean[];

const mostCrop = 0.06; // a closer view than that would be felt as a zoom; rather the camera goes less far
const mostBackCrop = 0.12;
const steps = 5; // of bisection: to 0.2 % of the view
const shortSide = 120; // of the pictures that are looked at [pixels]
const rim = 1 / 8; // only near its border is a picture looked at: holes elsewhere are the scene's own

const around: readonly (readonly [number, number])[] = Array.from({ length: 8 }, (_, i) => {
  const angle = (i * Math.PI) / 4;
  return [Math.cos(angle), Math.sin(angle)] as const;
});

/** The crop of a margin at a place, of which each coordinate runs from -1 to 1. */
export function cropAt(margin: Margin, [x, y, z]: Vec3): number {
  return 1 + margin.sideways * Math.min(1, Math.hypot(x, y)) + margin.back * Math.max(0, z);
}

/**
 * Looks for the margin, one look at every step, so that nobody has to wait for all of them; on a processor alone one
 * takes some hundredths of a second.
 */
export function* findMargin(frame: Frame, range: Range, focus: number, look: Look): Generator<void, Margin> {
  const aspect = aspectOf(frame);
  const width = Math.round(shortSide * Math.max(1, aspect));
  const height = Math.round(shortSide * Math.max(1, 1 / aspect));
  const covers = (place: Vec3, margin: Margin): boolean => {
    const reached = place.map((share) => share * margin.reach) as unknown as Vec3;
    const crop: Crop = { x: 0, y: 0, zoom: cropAt(margin, place) };
    return isCovered(look({ position: placeIn(range, reached), focus, crop }, width, height), width, height);
  };
  // A scene that does not even fill the frame of its own camera is of another kind
  if (!covers([0, 0, 0], noMargin)) return noMargin;
  yield;

  let margin = noMargin;
  for (const [x, y] of around) {
    const sideways = yield* leastOf(margin.sideways, mostCrop, (crop) => covers([x, y, 0], { ...margin, sideways: crop }));
    margin = { ...margin, sideways };
    const loss = yield* leastOf(1 - margin.reach, 1, (lost) => covers([x, y, 0], { ...margin, reach: 1 - lost }));
    margin = { ...margin, reach: 1 - loss };
  }
  for (const [x, y] of [[0, 0] as const, ...around]) {
    const back = yield* leastOf(margin.back, mostBackCrop, (crop) => covers([x, y, 1], { ...margin, back: crop }));
    margin = { ...margin, back };
  }
  return margin;
}

// The least value that is enough, or the most
function* leastOf(least: number, most: number, isEnough: (value: number) => boolean): Generator<void, number> {
  const isLeastEnough = isEnough(least);
  yield;
  if (isLeastEnough) return least;
  let [low, high] = [least, most];
  for (let i = 0; i < steps; ++i) {
    const middle = (low + high) / 2;
    if (isEnough(middle)) high = middle;
    else low = middle;
    yield;
  }
  return high;
}

function isCovered(covered: boolean[], width: number, height: number): boolean {
  const left = Math.ceil(rim * width);
  const low = Math.ceil(rim * height);
  for (let y = 0; y < height; ++y) {
    const inside = y >= low && y < height - low;
    for (let x = 0; x < width; ++x) {
      if (inside && x === left) x = width - left;
      if (!covered[y * width + x]) return false;
    }
  }
  return true;
}
