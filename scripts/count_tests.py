#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Names the tests of a JUnit file that were skipped or failed and ends with "N passed, N failed[, N skipped]"."""
import sys
import xml.etree.ElementTree as ElementTree

names = {"passed": [], "failed": [], "skipped": []}
try:
    for case in ElementTree.parse(sys.argv[1]).getroot().iter("testcase"):
        status = case.get("status")
        kind = {"run": "passed", "fail": "failed"}.get(status, "skipped")
        names[kind].append(case.get("name"))
except (OSError, ElementTree.ParseError) as error:
    print(f"no result of tests: {error}")
    names["failed"].append("ctest")

for kind in ("skipped", "failed"):
    for name in names[kind]:
        print(f"{kind}: {name}")
line = f"{len(names['passed'])} passed, {len(names['failed'])} failed"
if names["skipped"]:
    line += f", {len(names['skipped'])} skipped"
print(line)
sys.exit(bool(names["failed"]) or not names["passed"])
