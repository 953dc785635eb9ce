// SPDX-License-Identifier: MIT
// The tilt of the device. However it is held counts as straight after a while, so nobody must sit upright.

type Asking = { requestPermission?: () => Promise<"granted" | "denied"> };

const fullTilt = 15; // [degrees] to the end of the range
const habit = 5; // time constant with which a new way of holding becomes straight [s]
const noticed = 1; // [degrees]: less is the hand's tremble and does not end the sway

/** Whether the system wants to be asked by a tap first (iOS). */
export const mustAsk = (): boolean =>
  typeof DeviceOrientationEvent !== "undefined" &&
  typeof (DeviceOrientationEvent as Asking).requestPermission === "function";

/** Asks; call it from a tap. */
export async function ask(): Promise<boolean> {
  try {
    return (await (DeviceOrientationEvent as Asking).requestPermission?.()) === "granted";
  } catch {
    return false;
  }
}

/** Calls back with shares of the range (x right, y up) for every change of the tilt until the signal says stop. */
export function followTilt(lean: (x: number, y: number) => void, signal: AbortSignal): void {
  let straight: [number, number] | undefined;
  let before = 0;
  let isNoticed = false;
  const onTilt = (event: DeviceOrientationEvent): void => {
    const tilt = tiltOf(event);
    if (!tilt) return;
    if (!straight || Math.hypot(tilt[0] - straight[0], tilt[1] - straight[1]) > 4 * fullTilt) straight = tilt;
    const seconds = Math.min(1, Math.max(0, (event.timeStamp - before) / 1000));
    before = event.timeStamp;
    const share = 1 - Math.exp(-seconds / habit);
    straight = [straight[0] + share * (tilt[0] - straight[0]), straight[1] + share * (tilt[1] - straight[1])];
    const [x, y] = [tilt[0] - straight[0], tilt[1] - straight[1]];
    isNoticed ||= Math.hypot(x, y) > noticed;
    if (isNoticed) lean(x / fullTilt, y / fullTilt);
  };
  window.addEventListener("deviceorientation", onTilt, { signal });
}

// Degrees to the right and upwards, as the screen is turned. The right side lowered shows the picture from the left,
// as if it lay behind the glass.
function tiltOf({ beta, gamma }: DeviceOrientationEvent): [number, number] | undefined {
  if (beta === null || gamma === null) return undefined;
  switch (screen.orientation?.angle ?? 0) {
    case 90:
      return [-beta, -gamma];
    case 180:
      return [gamma, -beta];
    case 270:
      return [beta, gamma];
    default:
      return [-gamma, beta];
  }
}
