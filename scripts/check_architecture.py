#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails when code in src/ or tools/ breaks a rule of docs/architecture.md. The table is the architecture."""
import pathlib
import re
import sys

MAY_USE = {  # src/<module>: the modules whose headers it may include
    "core": [],
    "depth": ["core"],
    "ldi": ["core", "depth"],
    "inpaint": ["core", "depth", "ldi"],
    "mesh": ["core", "depth", "ldi"],
    "render": ["core", "mesh"],
    "asset": ["core", "mesh"],
    "scene": ["core", "depth", "ldi", "inpaint", "mesh", "render"],
    "io": ["core", "depth", "ldi", "mesh", "asset"],
    "neural": ["core", "depth", "inpaint"],
}
IN_CORE = {"error", "photo", "camera", "progress", "network", "depth_map"}  # public headers that belong to core

INCLUDE = re.compile(r'#include "(?:unflat/(\w+)\.h|(\w+)/\w+\.h)"')
FORBIDDEN = re.compile(r"\b(std::cout|std::cerr|printf|puts|exit|abort|getenv)\b\s*(?=[(<]|$)")
OPENS_FILES = re.compile(r"\b(std::[io]?fstream|fopen|avio_open\w*)\b")

root = pathlib.Path(__file__).resolve().parent.parent
failures = []


def check(file: pathlib.Path, module: str) -> None:
    for number, line in enumerate(file.read_text().splitlines(), 1):
        where = f"{file.relative_to(root)}:{number}"
        code = line.split("//")[0]
        if match := INCLUDE.match(line):
            used = match[2] or ("core" if match[1] in IN_CORE else match[1])
            if used != module and used not in MAY_USE[module]:
                failures.append(f"{where}: {module} may not use {used}")
        if match := FORBIDDEN.search(code):
            failures.append(f"{where}: the library neither prints nor exits ({match[1]})")
        if module != "io" and (match := OPENS_FILES.search(code)):
            failures.append(f"{where}: only io opens files ({match[1]})")


for file in sorted((root / "src").rglob("*")):
    if file.suffix in {".h", ".cpp"}:
        check(file, file.relative_to(root / "src").parts[0])
for file in sorted((root / "include").rglob("*.h")) + sorted((root / "src").rglob("*")):
    if file.suffix in {".h", ".cpp"} and not file.read_text().startswith("// SPDX-License-Identifier: MIT"):
        failures.append(f"{file.relative_to(root)}:1: the licence line is missing")
print("\n".join(failures) or "the architecture holds")
sys.exit(bool(failures))
