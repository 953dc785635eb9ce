// SPDX-License-Identifier: MIT
// Mouse, pen, fingers, wheel and keys, turned into wishes.

export interface Wishes {
  /** The picture is dragged by shares of its shorter side; x right, y down. */
  drag(x: number, y: number): void;
  /** Comes closer by a factor, around a place of the picture (-1 to 1, y up). */
  approach(factor: number, x: number, y: number): void;
  /** An enlarged picture is shifted by shares of its sides; x right, y down. */
  shift(x: number, y: number): void;
  focus(x: number, y: number): void;
  reset(): void;
  toggleSway(): void;
  toggleFullScreen(): void;
  /** Whether the wheel and upright swipes are the picture's, not the page's. */
  ownsGestures(): boolean;
}

interface Point {
  x: number;
  y: number;
}

const keyStep = 0.25; // of the range
const keyZoom = 1.2;
const wheelZoom = 0.0015; // per pixel of the wheel's way, as a logarithm
const pinchZoom = 0.01; // the same for a pinch on a touch pad, which arrives as a wheel with Ctrl
const lineHeight = 16; // of wheels that count lines [pixels]
const doubleTap = { time: 350, distance: 24 }; // [ms], [pixels]

/** Listens to a canvas until the signal says stop. */
export function listen(canvas: HTMLElement, wishes: Wishes, signal: AbortSignal): void {
  listenToPointers(canvas, wishes, signal);
  canvas.addEventListener("wheel", (event) => onWheel(event, canvas, wishes), { passive: false, signal });
  canvas.addEventListener("keydown", (event) => onKey(event, wishes), { signal });
}

function placeOf(event: { clientX: number; clientY: number }, canvas: HTMLElement): Point {
  const box = canvas.getBoundingClientRect();
  return {
    x: (2 * (event.clientX - box.left)) / box.width - 1,
    y: 1 - (2 * (event.clientY - box.top)) / box.height,
  };
}

function listenToPointers(canvas: HTMLElement, wishes: Wishes, signal: AbortSignal): void {
  const pointers = new Map<number, Point>();
  let lastTap = { time: -Infinity, x: 0, y: 0 };

  const onDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    // A pointer made by a script cannot be captured, and needs not
    try {
      canvas.setPointerCapture(event.pointerId);
    } catch { /* it goes on without */ }
    canvas.classList.add("held");
  };

  const onMove = (event: PointerEvent): void => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    if (pointers.size === 1) onDrag(before, now, canvas, wishes);
    else onPinch(before, now, [...pointers].find(([id]) => id !== event.pointerId)![1], canvas, wishes);
    pointers.set(event.pointerId, now);
  };

  const onUp = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId)) return;
    if (pointers.size === 0) canvas.classList.remove("held");
    if (event.type !== "pointerup" || event.pointerType === "mouse") return;
    // Fingers make no dblclick where the page may not be enlarged
    const { timeStamp: time, clientX: x, clientY: y } = event;
    const isDouble =
      time - lastTap.time < doubleTap.time && Math.hypot(x - lastTap.x, y - lastTap.y) < doubleTap.distance;
    if (isDouble) focusAt(event, canvas, wishes);
    lastTap = isDouble ? { time: -Infinity, x, y } : { time, x, y };
  };

  canvas.addEventListener("pointerdown", onDown, { signal });
  canvas.addEventListener("pointermove", onMove, { signal });
  canvas.addEventListener("pointerup", onUp, { signal });
  canvas.addEventListener("pointercancel", onUp, { signal });
  canvas.addEventListener("lostpointercapture", onUp, { signal });
  canvas.addEventListener("dblclick", (event) => {
    const { pointerType } = event as MouseEvent & { pointerType?: string };
    if (pointerType === undefined || pointerType === "mouse") focusAt(event, canvas, wishes);
  }, { signal });
}

function focusAt(event: MouseEvent, canvas: HTMLElement, wishes: Wishes): void {
  const { x, y } = placeOf(event, canvas);
  wishes.focus(x, y);
}

function onDrag(before: Point, now: Point, canvas: HTMLElement, wishes: Wishes): void {
  const box = canvas.getBoundingClientRect();
  const side = Math.min(box.width, box.height) || 1;
  wishes.drag((now.x - before.x) / side, (now.y - before.y) / side);
}

function onPinch(before: Point, now: Point, other: Point, canvas: HTMLElement, wishes: Wishes): void {
  const box = canvas.getBoundingClientRect();
  const apart = (point: Point): number => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y));
  const middle = placeOf({ clientX: (now.x + other.x) / 2, clientY: (now.y + other.y) / 2 }, canvas);
  wishes.approach(apart(now) / apart(before), middle.x, middle.y);
  wishes.shift((now.x - before.x) / 2 / (box.width || 1), (now.y - before.y) / 2 / (box.height || 1));
}

function onWheel(event: WheelEvent, canvas: HTMLElement, wishes: Wishes): void {
  if (!event.ctrlKey && !wishes.ownsGestures()) return;
  event.preventDefault();
  const way = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * lineHeight;
  const { x, y } = placeOf(event, canvas);
  wishes.approach(Math.exp(-way * (event.ctrlKey ? pinchZoom : wheelZoom)), x, y);
}

function onKey(event: KeyboardEvent, wishes: Wishes): void {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const actions: Record<string, () => void> = {
    // The camera goes where the arrow points, so the picture goes the other way
    ArrowLeft: () => wishes.drag(keyStep, 0),
    ArrowRight: () => wishes.drag(-keyStep, 0),
    ArrowUp: () => wishes.drag(0, keyStep),
    ArrowDown: () => wishes.drag(0, -keyStep),
    "+": () => wishes.approach(keyZoom, 0, 0),
    "=": () => wishes.approach(keyZoom, 0, 0),
    "-": () => wishes.approach(1 / keyZoom, 0, 0),
    Home: () => wishes.reset(),
    "0": () => wishes.reset(),
    " ": () => wishes.toggleSway(),
    f: () => wishes.toggleFullScreen(),
  };
  const action = actions[event.key] ?? actions[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
}
