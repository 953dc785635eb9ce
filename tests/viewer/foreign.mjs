// SPDX-License-Identifier: MIT
// A .glb as another program might write it: two squares one behind the other, red and blue, lit, without texture,
// camera or extras.

const squares = [
  { color: [1, 0, 0, 1], z: 2, half: 1 },
  { color: [0, 0, 1, 1], z: -2, half: 2 },
];

export function twoSquares() {
  const positions = new Float32Array(squares.flatMap(({ z, half }) => [-half, -half, z, half, -half, z, half, half, z, -half, half, z]));
  const indices = new Uint16Array([0, 1, 2, 0, 2, 3]);
  const binary = Buffer.concat([Buffer.from(positions.buffer), Buffer.from(indices.buffer)]);
  const json = {
    asset: { version: "2.0" },
    scene: 0,
    scenes: [{ nodes: squares.map((_, i) => i) }],
    nodes: squares.map((_, i) => ({ mesh: i })),
    meshes: squares.map((_, i) => ({ primitives: [{ attributes: { POSITION: i }, indices: squares.length, material: i }] })),
    materials: squares.map(({ color }) => ({ pbrMetallicRoughness: { baseColorFactor: color } })),
    accessors: [
      ...squares.map(({ z, half }, i) => ({
        bufferView: 0, byteOffset: 48 * i, componentType: 5126, count: 4, type: "VEC3", min: [-half, -half, z], max: [half, half, z],
      })),
      { bufferView: 1, componentType: 5123, count: 6, type: "SCALAR" },
    ],
    bufferViews: [
      { buffer: 0, byteOffset: 0, byteLength: positions.byteLength },
      { buffer: 0, byteOffset: positions.byteLength, byteLength: indices.byteLength },
    ],
    buffers: [{ byteLength: binary.length }],
  };
  const text = Buffer.from(JSON.stringify(json));
  const chunk = (type, data, fill) => {
    const padded = Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4, fill)]);
    const head = Buffer.alloc(8);
    head.writeUInt32LE(padded.length, 0);
    head.writeUInt32LE(type, 4);
    return Buffer.concat([head, padded]);
  };
  const body = Buffer.concat([chunk(0x4e4f534a, text, 0x20), chunk(0x004e4942, binary, 0)]);
  const head = Buffer.alloc(12);
  head.write("glTF");
  head.writeUInt32LE(2, 4);
  head.writeUInt32LE(12 + body.length, 8);
  return Buffer.concat([head, body]);
}
