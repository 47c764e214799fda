"""Bulk geometry on arrays: k nearest, pairs within a distance, sums within rings; for engines and own code."""

from iopdir.spatial.blocks import PackedTree
from iopdir.spatial.disks import disk_sums
from iopdir.spatial.knn import nearest_batch, nearest_with_bearing
from iopdir.spatial.pairs import within_batch
from iopdir.spatial.rings import ring_sums

__all__ = ["PackedTree", "disk_sums", "nearest_batch", "nearest_with_bearing", "ring_sums", "within_batch"]
