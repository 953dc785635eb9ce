# SPDX-License-Identifier: MIT
"""The four example scenes and what they are made with (run through render_examples.py)."""
