"""Images out of one tar of a data set, after its bytes were checked."""

from __future__ import annotations

import hashlib
import io
import struct
import tarfile
import zlib
from pathlib import Path
from typing import Sequence

import numpy as np
from PIL import Image

from pretrain.data.description import TarEntry
from pretrain.errors import CorruptTar, MissingTar

#: What tarfile and PIL throw at files that somebody made on purpose.
UNREADABLE = (
    tarfile.TarError,
    Image.DecompressionBombError,
    OSError,
    EOFError,
    ValueError,
    SyntaxError,
    OverflowError,
    struct.error,
    zlib.error,
)

MEND_IT = "the same npm run dataset draws it again"


def read_tar(folder: Path, entry: TarEntry, keys: Sequence[str], size: int) -> np.ndarray:
    """uint8 [count, size, size, 3], the members `<key>.png` in the order of `keys`.

    Size and sha256 of the file are checked first; then every member's name, kind and size, so that a tar with
    a right sha256 and other contents is refused as well. Throws MissingTar, CorruptTar.
    """
    content = _checked_bytes(folder / entry.file, entry)
    images = np.empty((len(keys), size, size, 3), np.uint8)
    place = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:
            for member in tar:
                if place == len(keys):
                    raise CorruptTar(f"{entry.file}: {member.name} follows its {len(keys)} images")
                name = f"{keys[place]}.png"
                if member.name != name or not member.isreg():
                    raise CorruptTar(f"{entry.file}: member {place} is {member.name} and not the file {name}")
                stream = tar.extractfile(member)
                data = stream.read() if stream else b""
                images[place] = _decode(data, size, f"{entry.file}: {name}")
                place += 1
    except UNREADABLE as cause:
        raise CorruptTar(f"{entry.file} cannot be read as a tar ({cause})") from cause
    if place != len(keys):
        raise CorruptTar(f"{entry.file} holds {place} of its {len(keys)} images")
    return images


def _checked_bytes(path: Path, entry: TarEntry) -> bytes:
    try:
        found = path.stat().st_size
        if found != entry.bytes:
            raise CorruptTar(f"{path} has {found} bytes instead of {entry.bytes}; {MEND_IT}")
        content = path.read_bytes()
    except FileNotFoundError:
        raise MissingTar(f"{path} is not there; {MEND_IT}") from None
    except OSError as cause:
        raise CorruptTar(f"{path} cannot be read: {cause.strerror}") from cause
    digest = hashlib.sha256(content).hexdigest()
    if digest != entry.sha256:
        raise CorruptTar(f"{path} has sha256 {digest[:12]}… instead of {entry.sha256[:12]}…; {MEND_IT}")
    return content


def _decode(data: bytes, size: int, name: str) -> np.ndarray:
    """uint8 [size, size, 3] of an RGB PNG; its size is looked at before its pixels are."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.size != (size, size) or image.mode != "RGB":
                found = f"{image.mode} of {image.width} × {image.height}"
                raise CorruptTar(f"{name} is {found} instead of RGB of {size} × {size}")
            return np.asarray(image)
    except UNREADABLE as cause:
        raise CorruptTar(f"{name} is no whole PNG ({cause})") from cause
