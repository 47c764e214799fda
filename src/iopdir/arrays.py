"""Bulk geometry on arrays: k nearest, pairs within a distance, sums within rings; for engines and own code."""

from iopdir.spatial.packed import (
    PackedTree,
    nearest_batch,
    nearest_with_bearing,
    ring_sums,
    within_batch,
)

__all__ = ["PackedTree", "nearest_batch", "nearest_with_bearing", "ring_sums", "within_batch"]
