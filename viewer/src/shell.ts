// SPDX-License-Identifier: MIT
// What the element consists of: canvas, poster, buttons, messages. No behaviour.

const style = `
:host { display: block; position: relative; overflow: hidden; aspect-ratio: 4 / 3; background: #000; contain: content; }
:host([hidden]) { display: none; }
:host(:fullscreen) { width: 100%; height: 100%; }
canvas { position: absolute; display: block; touch-action: pan-y pinch-zoom; cursor: grab; outline: none; -webkit-user-select: none; user-select: none; }
:host([gestures="all"]) canvas, :host(:fullscreen) canvas { touch-action: none; }
canvas.held { cursor: grabbing; }
canvas:focus-visible ~ .ring { position: absolute; inset: 0; border: 3px solid #fff; box-shadow: inset 0 0 0 2px #06c; pointer-events: none; }
.poster, ::slotted(img) { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; pointer-events: none; }
:host([fit="cover"]) .poster, :host([fit="cover"]) ::slotted(img) { object-fit: cover; }
.drawn .poster, .drawn ::slotted(img) { visibility: hidden; }
:not(.drawn) > canvas { visibility: hidden; }
.buttons { position: absolute; right: 10px; bottom: 10px; display: flex; gap: 8px; opacity: 0; transition: opacity 0.2s; }
:host(:hover) .buttons, :host(:focus-within) .buttons { opacity: 1; }
@media (hover: none) { .buttons { opacity: 0.7; } }
@media (prefers-reduced-motion: reduce) { .buttons { transition: none; } }
:not(.drawn) > .buttons, :host([controls="off"]) .buttons { display: none; }
button { width: 40px; height: 40px; padding: 9px; border: 0; border-radius: 8px; background: #000a; color: #fff; cursor: pointer; }
button:focus-visible { outline: 3px solid #fff; }
button[hidden] { display: none; }
svg { display: block; width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 2; }
.message { position: absolute; left: 12px; right: 12px; bottom: 12px; margin: 0 auto; width: fit-content; padding: 8px 14px; border-radius: 8px; background: #000c; color: #fff; font: 15px/1.4 system-ui, sans-serif; text-align: center; }
.message:empty { display: none; }
.keys { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`;

const icon = (path: string): string => `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg>`;

const markup = `
<div>
<slot></slot>
<img class="poster" alt="" hidden>
<canvas part="canvas" role="img" tabindex="0" aria-roledescription="3D photo" aria-describedby="keys"></canvas>
<div class="ring"></div>
<span id="keys" class="keys">Arrow keys move the camera, plus and minus zoom, Home goes back, Space sways, F fills the screen.</span>
<div class="buttons">
<button type="button" class="tilt" hidden aria-label="Move by tilting the device" title="Move by tilting the device">${icon("M8 3h8v18H8z M3 8v8 M21 8v8")}</button>
<button type="button" class="full" hidden aria-label="Full screen" title="Full screen">${icon("M4 9V4h5 M15 4h5v5 M20 15v5h-5 M9 20H4v-5")}</button>
</div>
<p class="message" role="alert"></p>
</div>
`;

export interface Shell {
  readonly all: HTMLElement;
  readonly sheet: CSSStyleSheet; // of the host's proportions
  canvas: HTMLCanvasElement; // replaced when the element comes into a page again
  readonly poster: HTMLImageElement;
  readonly tilt: HTMLButtonElement;
  readonly full: HTMLButtonElement;
  readonly message: HTMLElement;
}

export function buildShell(host: HTMLElement): Shell {
  const root = host.attachShadow({ mode: "open" });
  const template = document.createElement("template");
  template.innerHTML = markup;
  root.append(template.content);
  // Sheets made by scripts, since a page's security policy may forbid style elements
  const look = new CSSStyleSheet();
  look.replaceSync(style);
  const sheet = new CSSStyleSheet();
  root.adoptedStyleSheets = [look, sheet];
  const find = <T extends Element>(selector: string): T => root.querySelector<T>(selector)!;
  return {
    all: find("div"),
    sheet,
    canvas: find("canvas"),
    poster: find(".poster"),
    tilt: find(".tilt"),
    full: find(".full"),
    message: find(".message"),
  };
}
