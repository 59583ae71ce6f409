"""A split of a data set as arrays, decoded once: tars → images, labels, keys, attributes.

The images lie in a file beside the tars, `cache/<split>-<size>-<digest>.npy`, whose name holds a digest of
everything that they follow from. Other tars have another name, so a stale cache is never read.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

import numpy as np

from pretrain.data.description import SplitDescription, read_description
from pretrain.data.tars import read_tar
from pretrain.errors import CacheNotWritten, SizeNotInDataset

#: Part of a cache's digest; counts up when the same tars give other images.
CACHE_FORMAT = 1


@dataclass(frozen=True)
class Split:
    """One split, index ascending, then label; row n of everything belongs to image n."""

    images: np.memmap  # uint8 [N,size,size,3], read only
    labels: np.ndarray  # int64 [N]
    keys: list[str]  # "<style>/<index>"
    attributes: list[dict[str, str | bool]]


def load_split(folder: Path, split: str, size: int, say: Callable[[str], None] | None = None) -> Split:
    """The images of `split` ("train" or "held-out") with `size` pixels a side.

    `size` is that of the drawing or an even part of it: 64 from 128 is the mean of 2×2, (sum + 2) >> 2, as
    with --size 64. The first call decodes (about a second for 1,000 images of 128 px) and leaves size² · 3
    bytes an image on the disk. Throws MissingFile, BadDataset, MissingTar, CorruptTar, SizeNotInDataset,
    CacheNotWritten.
    """
    folder = Path(folder)
    about = read_description(folder, split)
    part = about.size // size if 0 < size <= about.size else 0
    if part * size != about.size or (part > 1 and part % 2):
        drawn = f"{folder} holds images of {about.size} px"
        raise SizeNotInDataset(f"{drawn}, and {size} px is no even part of that")
    path = folder / "cache" / f"{split}-{size}-{_digest(about, size)}.npy"
    shape = (len(about.keys), size, size, 3)
    images = _open(path, shape)
    if images is None:
        _write(path, shape, _decode(folder, about, size, say))
        images = np.load(path, mmap_mode="r")
    return Split(images, np.array(about.labels, np.int64), about.keys, about.attributes)


def shrink(images: np.ndarray, size: int) -> np.ndarray:
    """uint8 [N,S,S,3] → [N,size,size,3], means of k×k pixels, k = S/size: (sum + k²/2) // k², as drawn."""
    count, drawn = images.shape[:2]
    if drawn == size:
        return images
    k = drawn // size
    sums = images.reshape(count, size, k, size, k, 3).sum((2, 4), dtype=np.uint32)
    return ((sums + k * k // 2) // (k * k)).astype(np.uint8)


def _digest(about: SplitDescription, size: int) -> str:
    """16 hexadecimal digits of what the pixels follow from."""
    source = [CACHE_FORMAT, about.name, about.size, size, [tar.sha256 for tar in about.tars]]
    return hashlib.sha256(json.dumps(source).encode()).hexdigest()[:16]


def _open(path: Path, shape: tuple[int, ...]) -> np.memmap | None:
    """The cache, or None when it is not there or not whole."""
    try:
        images = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError):
        return None
    return images if images.shape == shape and images.dtype == np.uint8 else None


def _decode(
    folder: Path, about: SplitDescription, size: int, say: Callable[[str], None] | None
) -> Iterator[np.ndarray]:
    """The images of one tar after the other."""
    start = 0
    for tar in about.tars:
        images = read_tar(folder, tar, about.keys[start : start + tar.count], about.size)
        start += tar.count
        if say:
            say(f"decoded {start}/{len(about.keys)} images")
        yield shrink(images, size)


def _write(path: Path, shape: tuple[int, ...], parts: Iterator[np.ndarray]) -> None:
    """Writes a .npy part by part, then renames it. Not through a memmap: a full disk ends that by SIGBUS."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(exist_ok=True)
        with temporary.open("wb") as file:
            descr = np.lib.format.dtype_to_descr(np.dtype(np.uint8))
            header = {"descr": descr, "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            for part in parts:
                file.write(np.ascontiguousarray(part).data)
        os.replace(temporary, path)
    except OSError as cause:
        needed = f"{int(np.prod(shape)) / 1e6:.0f} MB"
        raise CacheNotWritten(f"{path} needs {needed} and cannot be written: {cause.strerror}") from cause
    finally:
        if temporary.exists():
            temporary.unlink()
