// SPDX-License-Identifier: MIT
// Where the bytes of an element's .glb come from: its `src`, or a script element inside it that holds them.

export interface Source {
  readonly bytes: ArrayBuffer;
  readonly folder: string; // of files that it may refer to; with a slash at its end, or empty
}

const embedded = 'script[type="model/gltf-binary;base64"]';

export const hasSource = (host: Element): boolean => host.hasAttribute("src") || host.querySelector(embedded) !== null;

export async function readSource(host: Element, signal: AbortSignal): Promise<Source> {
  const src = host.getAttribute("src");
  if (src === null) return { bytes: fromBase64(host.querySelector(embedded)!.textContent ?? ""), folder: "" };
  const url = new URL(src, document.baseURI);
  const data = /^data:[^,]*;base64,/.exec(url.href);
  if (data) return { bytes: fromBase64(url.href.slice(data[0].length)), folder: "" };
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw new Error(`the server says ${answer.status}`);
  return { bytes: await answer.arrayBuffer(), folder: url.href.slice(0, url.href.lastIndexOf("/") + 1) };
}

/** A name for people: the file's, without folder and ending. */
export function nameOf(src: string | null): string {
  if (src === null || src.startsWith("data:")) return "";
  const file = new URL(src, document.baseURI).pathname.split("/").pop() ?? "";
  try {
    return decodeURIComponent(file).replace(/\.[^.]*$/, "");
  } catch {
    return file;
  }
}

function fromBase64(text: string): ArrayBuffer {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; ++i) bytes[i] = characters.charCodeAt(i);
  return bytes.buffer;
}
