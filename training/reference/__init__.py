# SPDX-License-Identifier: MIT
"""The three inpainting networks of Shih et al. 2020, written anew from a description of their layers."""
