#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails where C++ is not laid out as .clang-format says. Status 77 (skipped) without clang-format."""
import pathlib
import shutil
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
tool = shutil.which("clang-format")
if tool is None:
    print("clang-format is not installed")
    sys.exit(77)
folders = ("include", "src", "tools", "tests", "bench", "fuzz")
files = [file for folder in folders for file in sorted((root / folder).rglob("*"))
         if file.suffix in {".h", ".cpp"} and "node_modules" not in file.parts]
sys.exit(subprocess.run([tool, "--dry-run", "-Werror", *files]).returncode)
