// SPDX-License-Identifier: MIT
// A .glb as the viewer needs it: the mesh with the photo's camera at the origin, the photo's frame, and how far
// the camera may go. What the file does not say is worked out from the mesh.
import {
  Box3, Group, LinearMipmapNearestFilter, Matrix4, Mesh, MeshBasicMaterial, NoColorSpace, PerspectiveCamera, Vector3,
} from "three";
import type { BufferAttribute, InterleavedBufferAttribute, Material, MeshStandardMaterial, Object3D, Texture } from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import type { GLTF } from "three/addons/loaders/GLTFLoader.js";
import { MeshoptDecoder } from "meshoptimizer/decoder";

import { readExtras } from "./extras.js";
import type { Extras } from "./extras.js";
import { clamp } from "./lens.js";
import type { Frame, Range } from "./lens.js";

export interface Asset {
  readonly root: Group;
  readonly frame: Frame;
  readonly range: Range;
  readonly focus: number;
  readonly near: number;
  readonly far: number;
  readonly title: string | undefined;
  readonly isPhoto: boolean; // taken by a camera that the file names, so the frame is filled
}

// The preset paths' reach where nearest things are at a third of a unit (docs/conventions.md)
const sideways = 0.015;
const along = 0.05;
const nearestDepth = 1 / 3;

// For a scene without a camera, in distances from it
const freeSideways = 0.25;
const freeAlong = 0.3;
const freeFieldOfView = 40; // [degrees], as of a short telephoto lens, which distorts little
const freeAspects = [0.5, 2] as const;

export async function readAsset(bytes: ArrayBuffer, folder: string): Promise<Asset> {
  const loader = new GLTFLoader();
  loader.setMeshoptDecoder(MeshoptDecoder);
  const gltf = await loader.parseAsync(bytes, folder);
  const root = new Group();
  root.add(gltf.scene);
  root.updateMatrixWorld(true);
  makeUnlit(root);

  const extras = readExtras(gltf.scene.userData["unflat"]);
  const camera = findCamera(gltf);
  return camera || extras.frame ? ofPhoto(root, camera, extras) : ofScene(root);
}

function ofPhoto(root: Group, camera: PerspectiveCamera | undefined, extras: Extras): Asset {
  if (camera) {
    camera.updateWorldMatrix(true, false);
    root.applyMatrix4(new Matrix4().copy(camera.matrixWorld).invert());
    root.updateMatrixWorld(true);
  }
  const depths = depthsOf(root);
  const at = (share: number): number => depths[Math.round(share * (depths.length - 1))] ?? 1;
  const unit = at(0.01) / nearestDepth;
  return {
    root,
    frame: extras.frame ?? frameOf(camera!.fov, camera!.aspect),
    range: extras.range ?? {
      min: [-sideways * unit, -sideways * unit, -along * unit],
      max: [sideways * unit, sideways * unit, along * unit],
    },
    focus: extras.focus ?? 2 / (1 / at(0.01) + 1 / at(0.99)),
    near: at(0) / 8,
    far: at(1) * 4,
    title: extras.title,
    isPhoto: true,
  };
}

// Any scene: seen from the front, so that all of it fits
function ofScene(root: Group): Asset {
  const box = new Box3().setFromObject(root);
  const size = box.getSize(new Vector3());
  const center = box.getCenter(new Vector3());
  const aspect = clamp(size.x / size.y || 1, ...freeAspects);
  const frame = frameOf(freeFieldOfView, aspect);
  const fit = Math.max(size.x / (frame.right - frame.left), size.y / (frame.top - frame.bottom), 1e-6);
  const distance = fit * 1.1 + size.z / 2; // a tenth around it
  root.applyMatrix4(new Matrix4().makeTranslation(-center.x, -center.y, -center.z - distance));
  root.updateMatrixWorld(true);
  const reach = freeSideways * distance;
  const ahead = Math.min(freeAlong * distance, 0.8 * Math.max(fit, 0.01 * distance));
  return {
    root,
    frame,
    range: { min: [-reach, -reach, -ahead], max: [reach, reach, freeAlong * distance] },
    focus: distance,
    near: distance / 200,
    far: distance * 20,
    title: undefined,
    isPhoto: false,
  };
}

function frameOf(verticalDegrees: number, aspect: number): Frame {
  const top = Math.tan((verticalDegrees * Math.PI) / 360);
  return { left: -top * aspect, right: top * aspect, top, bottom: -top };
}

function findCamera(gltf: GLTF): PerspectiveCamera | undefined {
  return gltf.cameras.find((camera): camera is PerspectiveCamera => camera instanceof PerspectiveCamera);
}

export function meshesOf(root: Object3D): Mesh[] {
  const meshes: Mesh[] = [];
  root.traverse((object) => {
    if (object instanceof Mesh) meshes.push(object);
  });
  return meshes;
}

// A photo carries its own light. The bytes of its texture are shown as they are: to turn them into light and
// back would cost two roundings and, without a graphics card, two thirds more time for a frame.
function makeUnlit(root: Object3D): void {
  for (const mesh of meshesOf(root)) {
    const given = (Array.isArray(mesh.material) ? mesh.material[0] : mesh.material) as Material & Partial<MeshStandardMaterial>;
    const map: Texture | null = given.map ?? null;
    const material = new MeshBasicMaterial({
      map,
      side: given.side,
      transparent: given.transparent,
      alphaTest: given.alphaTest,
      depthWrite: given.depthWrite, // what is blended hides nothing
      opacity: given.opacity,
      vertexColors: given.vertexColors,
      toneMapped: false,
    });
    if (given.color) material.color.copyLinearToSRGB(given.color);
    if (map) {
      map.colorSpace = NoColorSpace;
      // A photo is shown at nearly one scale: a mix of two would only blur it, and cost a third more time
      map.minFilter = LinearMipmapNearestFilter;
      map.needsUpdate = true;
    }
    given.dispose();
    mesh.material = material;
    mesh.frustumCulled = false; // the box of one mesh is all of the scene
  }
}

// Depths of up to some thousand vertices, sorted
function depthsOf(root: Object3D): number[] {
  const wanted = 20000;
  const depths: number[] = [];
  const meshes = meshesOf(root);
  const total = meshes.reduce((sum, mesh) => sum + positionsOf(mesh).count, 0);
  const stride = Math.max(1, Math.floor(total / wanted));
  const point = new Vector3();
  for (const mesh of meshes) {
    const positions = positionsOf(mesh);
    for (let i = 0; i < positions.count; i += stride) {
      const depth = -point.fromBufferAttribute(positions, i).applyMatrix4(mesh.matrixWorld).z;
      if (depth > 0) depths.push(depth);
    }
  }
  return depths.sort((a, b) => a - b);
}

function positionsOf(mesh: Mesh): BufferAttribute | InterleavedBufferAttribute {
  return mesh.geometry.getAttribute("position") as BufferAttribute | InterleavedBufferAttribute;
}
