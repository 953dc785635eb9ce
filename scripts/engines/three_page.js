// SPDX-License-Identifier: MIT
// What three_view.mjs runs in the browser: three.js as its manual tells one to use it, nothing of the viewer.
import { WebGLRenderer } from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";

/** Imports a .glb, counts what came of it and draws what its own camera sees. */
window.view = async (glb, width, height) => {
  const bytes = await (await fetch(`data:model/gltf-binary;base64,${glb}`)).arrayBuffer();
  const { scene, cameras } = await new GLTFLoader().parseAsync(bytes, "");
  const found = { vertices: 0, triangles: 0, textures: new Set() };
  scene.traverse(({ geometry, material }) => {
    if (!geometry) return;
    found.vertices += geometry.attributes.position.count;
    found.triangles += geometry.index.count / 3;
    if (material.map?.image.width) found.textures.add(material.map.source.uuid);
  });
  const renderer = new WebGLRenderer({ antialias: true });
  renderer.setSize(width, height);
  renderer.render(scene, cameras[0]);
  return { ...found, textures: found.textures.size, picture: renderer.domElement.toDataURL() };
};
