// SPDX-License-Identifier: MIT
// Draws an asset into a canvas: three.js and nothing of the page.
import {
  Color, LinearSRGBColorSpace, NearestFilter, PerspectiveCamera, Raycaster, Scene, Vector2, WebGLRenderer, WebGLRenderTarget,
} from "three";

import { Backdrop } from "./backdrop.js";
import type { Asset } from "./asset.js";
import { meshesOf } from "./asset.js";
import { frustumOf, whole } from "./lens.js";
import type { Frustum, View } from "./lens.js";

const contextSettings: WebGLContextAttributes = {
  alpha: false,
  depth: true,
  stencil: false,
  powerPreference: "high-performance",
};

/** Nothing where the browser has no WebGL 2 to give. */
export function makeStage(canvas: HTMLCanvasElement): Stage | undefined {
  const context = canvas.getContext("webgl2", { ...contextSettings, antialias: !isComputed() });
  return context ? new Stage(canvas, context) : undefined;
}

// Whether the processor stands in for a graphics card: smooth edges would cost it three times as much as all the rest.
// Browsers have a setting to ask for that (failIfMajorPerformanceCaveat), but do not agree on what it means
let computed: boolean | undefined;
function isComputed(): boolean {
  if (computed === undefined) {
    const context = document.createElement("canvas").getContext("webgl2");
    const names = context?.getExtension("WEBGL_debug_renderer_info");
    const name: unknown = names && context?.getParameter(names.UNMASKED_RENDERER_WEBGL);
    computed = /swiftshader|llvmpipe|softpipe|software|basic render/i.test(String(name));
    context?.getExtension("WEBGL_lose_context")?.loseContext();
  }
  return computed;
}

export class Stage {
  readonly #renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #camera = new PerspectiveCamera();
  readonly #small = new WebGLRenderTarget(1, 1, { magFilter: NearestFilter, minFilter: NearestFilter });
  readonly #backdrop = new Backdrop();
  #asset: Asset | undefined;
  #size: readonly [number, number] = [1, 1];
  #detail = 1;

  constructor(canvas: HTMLCanvasElement, context: WebGL2RenderingContext) {
    this.#renderer = new WebGLRenderer({ canvas, context });
    // Bytes in, bytes out: see makeUnlit
    this.#renderer.outputColorSpace = LinearSRGBColorSpace;
    this.#renderer.info.autoReset = true;
    this.#scene.matrixWorldAutoUpdate = false;
    this.#camera.matrixAutoUpdate = false;
    this.#scene.add(this.#backdrop.mesh);
  }

  show(asset: Asset): void {
    this.#clear();
    this.#asset = asset;
    this.#scene.add(asset.root);
    this.#scene.updateMatrixWorld(true);
    this.#renderTo(this.#backdrop.target, { position: [0, 0, 0], focus: asset.focus, crop: whole }, 1);
  }

  /** Whether the blurred photo stands behind the scene. */
  setBackdrop(isThere: boolean): void {
    this.#backdrop.mesh.visible = isThere && (this.#asset?.isPhoto ?? false);
  }

  /** Colour of what nothing covers, sRGB from 0 to 1. */
  setBackground(red: number, green: number, blue: number): void {
    this.#renderer.setClearColor(new Color().setRGB(red, green, blue, LinearSRGBColorSpace), 1);
  }

  /** Size of the canvas, in pixels of the screen. */
  resize(width: number, height: number): void {
    this.#size = [width, height];
    this.#renderer.setSize(Math.ceil(width * this.#detail), Math.ceil(height * this.#detail), false);
  }

  /** Draws so much coarser from now on, 1 being pixel by pixel. */
  setDetail(share: number): void {
    if (share === this.#detail) return;
    this.#detail = share;
    this.resize(...this.#size);
  }

  draw(view: View): void {
    this.#aim(view, 1);
    this.#backdrop.aim(view.crop);
    this.#renderer.render(this.#scene, this.#camera);
  }

  /** Depth of what is seen at a place of the view (-1 to 1, y up); nothing where nothing is. */
  depthAt(x: number, y: number, view: View): number | undefined {
    if (!this.#asset) return undefined;
    this.#aim(view, 1);
    const ray = new Raycaster();
    ray.setFromCamera(new Vector2(x, y), this.#camera);
    const hit = ray.intersectObjects(meshesOf(this.#asset.root), false)[0];
    return hit && -hit.point.z;
  }

  /**
   * Draws small and without colours, and gives for every pixel whether the scene covers it. Its outermost samples
   * lie on the rim of the frame, not half a pixel inside.
   */
  coverage(view: View, width: number, height: number): boolean[] {
    const before = this.#renderer.getClearAlpha();
    this.#small.setSize(width, height);
    this.#renderer.setClearAlpha(0);
    this.#renderTo(this.#small, view, width / (width - 1));
    this.#renderer.setClearAlpha(before);
    const pixels = new Uint8Array(4 * width * height);
    this.#renderer.readRenderTargetPixels(this.#small, 0, 0, width, height, pixels);
    return Array.from({ length: width * height }, (_, i) => pixels[4 * i + 3]! > 0);
  }

  dispose(): void {
    this.#clear();
    this.#small.dispose();
    this.#backdrop.dispose();
    this.#renderer.dispose();
    this.#renderer.forceContextLoss();
  }

  // The scene alone
  #renderTo(target: WebGLRenderTarget, view: View, widen: number): void {
    const { mesh } = this.#backdrop;
    const isThere = mesh.visible;
    mesh.visible = false;
    this.#aim(view, widen);
    this.#renderer.setRenderTarget(target);
    this.#renderer.render(this.#scene, this.#camera);
    this.#renderer.setRenderTarget(null);
    mesh.visible = isThere;
  }

  #clear(): void {
    if (!this.#asset) return;
    this.#scene.remove(this.#asset.root);
    for (const mesh of meshesOf(this.#asset.root)) {
      mesh.geometry.dispose();
      const material = mesh.material as { map?: { dispose(): void } | null; dispose(): void };
      material.map?.dispose();
      material.dispose();
    }
    this.#asset = undefined;
  }

  #aim(view: View, widen: number): void {
    if (!this.#asset) return;
    const { near, far, frame } = this.#asset;
    const { left, right, top, bottom }: Frustum = frustumOf(frame, view);
    const spreadX = ((widen - 1) * (right - left)) / 2;
    const spreadY = ((widen - 1) * (top - bottom)) / 2;
    const camera = this.#camera;
    camera.projectionMatrix.makePerspective(
      near * (left - spreadX), near * (right + spreadX), near * (top + spreadY), near * (bottom - spreadY), near, far);
    camera.projectionMatrixInverse.copy(camera.projectionMatrix).invert();
    camera.matrix.makeTranslation(...view.position);
    camera.matrixWorld.copy(camera.matrix);
    camera.matrixWorldInverse.copy(camera.matrix).invert();
  }
}
