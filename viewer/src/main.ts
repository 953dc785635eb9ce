// SPDX-License-Identifier: MIT
import { UnflatPhoto } from "./element.js";

// A page may bring the script twice
if (!customElements.get("unflat-photo")) customElements.define("unflat-photo", UnflatPhoto);
