// SPDX-License-Identifier: MIT
// What unflat writes into a scene's extras. A file of others may have anything there, so every entry is looked at.
import type { Frame, Range, Vec3 } from "./lens.js";

export interface Extras {
  readonly frame?: Frame;
  readonly range?: Range;
  readonly focus?: number; // [scene units]
  readonly title?: string;
}

export function readExtras(value: unknown): Extras {
  if (!isObject(value)) return {};
  const frame = readFrame(value);
  const range = readRange(value["safe_range"]);
  const focus = value["focus_depth"];
  const title = value["title"];
  return {
    ...(frame && { frame }),
    ...(range && { range }),
    ...(isPositive(focus) && { focus }),
    ...(typeof title === "string" && title !== "" && { title }),
  };
}

function readFrame(value: Record<string, unknown>): Frame | undefined {
  const photo = readNumbers(value["photo"], 2);
  const focal = value["focal_px"];
  if (!photo || !isPositive(photo[0]) || !isPositive(photo[1]) || !isPositive(focal)) return undefined;
  const [width, height] = photo as [number, number];
  const [x, y] = (readNumbers(value["principal_point"], 2) ?? [width / 2, height / 2]) as [number, number];
  return { left: -x / focal, right: (width - x) / focal, top: y / focal, bottom: (y - height) / focal };
}

// The photo's own place must lie inside
function readRange(value: unknown): Range | undefined {
  if (!isObject(value)) return undefined;
  const min = readNumbers(value["min"], 3) as Vec3 | undefined;
  const max = readNumbers(value["max"], 3) as Vec3 | undefined;
  if (!min || !max || min.some((least) => least > 0) || max.some((most) => most < 0)) return undefined;
  return { min, max };
}

function readNumbers(value: unknown, count: number): number[] | undefined {
  return Array.isArray(value) && value.length === count && value.every(Number.isFinite) ? (value as number[]) : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isPositive = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value) && value > 0;
