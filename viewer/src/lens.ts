// SPDX-License-Identifier: MIT
// The camera as numbers: no three.js and no page, so that it can be checked alone.
//
// The frame is glTF's: x right, y up, looking along -z, the photo's camera at the origin. The photo
// is a window: whoever looks through it from another place sees a sheared frustum through the same
// window. The window stands at the focus, so what is in focus stays where it is on the screen.

export type Vec3 = readonly [x: number, y: number, z: number];

/** Sides of the photo's frustum at depth 1; a principal point off the centre makes it lopsided. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Where the camera may stand, in scene units. */
export interface Range {
  readonly min: Vec3;
  readonly max: Vec3;
}

/** A part of the photo's window: its centre, in half sides from the window's, and how often it is enlarged. */
export interface Crop {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export interface View {
  readonly position: Vec3;
  readonly focus: number; // depth of the window [scene units]
  readonly crop: Crop;
}

/** Sides of a frustum at depth 1, seen from the view's own position. */
export type Frustum = Frame;

export const whole: Crop = { x: 0, y: 0, zoom: 1 };

export const aspectOf = (frame: Frame): number => (frame.right - frame.left) / (frame.top - frame.bottom);

/** The crop, moved so that it lies inside the photo. */
export function insidePhoto(crop: Crop): Crop {
  const room = 1 - 1 / crop.zoom;
  return { x: clamp(crop.x, -room, room), y: clamp(crop.y, -room, room), zoom: crop.zoom };
}

/**
 * The frustum of a view. A step sideways shears it; a step forward or back carries the window along in size, so
 * that the scene grows or shrinks as when one walks, and the centre of what is in focus stays.
 */
export function frustumOf(frame: Frame, view: View): Frustum {
  const [x, y, z] = view.position;
  const distance = view.focus + z;
  const middleX = (frame.left + frame.right) / 2;
  const middleY = (frame.top + frame.bottom) / 2;
  const halfX = (frame.right - frame.left) / 2;
  const halfY = (frame.top - frame.bottom) / 2;

  // Middle of the crop on the window, as a direction from the camera
  const toX = (view.focus * (middleX + view.crop.x * halfX) - x) / distance;
  const toY = (view.focus * (middleY + view.crop.y * halfY) - y) / distance;
  const { zoom } = view.crop;
  return {
    left: toX - halfX / zoom,
    right: toX + halfX / zoom,
    top: toY + halfY / zoom,
    bottom: toY - halfY / zoom,
  };
}

/** A place in the range: each coordinate from -1 (its least) over 0 (the photo's camera) to 1 (its most). */
export function placeIn(range: Range, [x, y, z]: Vec3): Vec3 {
  const at = (share: number, axis: 0 | 1 | 2): number =>
    share < 0 ? -share * range.min[axis] : share * range.max[axis];
  return [at(x, 0), at(y, 1), at(z, 2)];
}

export const clamp = (value: number, least: number, most: number): number =>
  Math.min(Math.max(value, least), most);

/**
 * A soft stop: nearly the length itself where it is short, never more than 1. Steeper than tanh, so that most
 * of the way feels like the hand's.
 */
export function soften(x: number, y: number): [number, number] {
  const length = Math.hypot(x, y);
  const share = 1 / Math.cbrt(1 + length ** 3);
  return [x * share, y * share];
}

/** What soften() makes this of; its very end is never reached by hand, so the longest is given for it. */
export function harden(x: number, y: number, longest: number): [number, number] {
  const length = Math.hypot(x, y);
  const pushed = length < 1 ? Math.min(longest, length / Math.cbrt(1 - length ** 3)) : longest;
  const share = length > 0 ? pushed / length : 0;
  return [x * share, y * share];
}
