// SPDX-License-Identifier: MIT
// What stands behind a scene: the photo, out of focus. Where a pixel falls between two triangles, or a scene has a hole,
// something of the right colour is seen there instead of a spark of the background.
import { BufferAttribute, BufferGeometry, LinearFilter, Mesh, ShaderMaterial, Vector3, WebGLRenderTarget } from "three";

import type { Crop } from "./lens.js";

const side = 48; // of the blurred photo [pixels]

const vertexShader = `
uniform vec3 crop;
varying vec2 place;
void main() {
  place = 0.5 + 0.5 * (crop.xy + position.xy / crop.z);
  gl_Position = vec4(position.xy, 1.0, 1.0); // as far as can be
}`;

const fragmentShader = `
uniform sampler2D photo;
varying vec2 place;
void main() {
  gl_FragColor = vec4(texture2D(photo, place).rgb, 1.0);
}`;

export class Backdrop {
  readonly target = new WebGLRenderTarget(side, side, { magFilter: LinearFilter, minFilter: LinearFilter });
  readonly #crop = new Vector3(0, 0, 1);
  readonly #material = new ShaderMaterial({
    uniforms: { photo: { value: this.target.texture }, crop: { value: this.#crop } },
    vertexShader,
    fragmentShader,
    depthWrite: false,
    toneMapped: false,
  });
  readonly #geometry = new BufferGeometry();
  readonly mesh = new Mesh(this.#geometry, this.#material);

  constructor() {
    // One triangle that covers the screen
    this.#geometry.setAttribute("position", new BufferAttribute(new Float32Array([-1, -1, 0, 3, -1, 0, -1, 3, 0]), 3));
    this.mesh.frustumCulled = false;
    this.mesh.renderOrder = 1; // after the scene, so that only what it left is drawn
    this.mesh.visible = false;
  }

  aim({ x, y, zoom }: Crop): void {
    this.#crop.set(x, y, zoom);
  }

  dispose(): void {
    this.target.dispose();
    this.#material.dispose();
    this.#geometry.dispose();
  }
}
