"""safetensors files: an 8 byte header length, a JSON header of names, dtypes, shapes and spans, then the bytes."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from pathlib import Path

import numpy as np
import torch

from pretrain.errors import BadSafetensors, MissingFile

DTYPES = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4"), "F64": np.dtype("<f8"), "I64": np.dtype("<i8"), "I32": np.dtype("<i4"), "U8": np.dtype("u1")}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
#: A cut download goes on after the last whole shard, and the page puts one in its place while the next is on its way.
MAX_SHARD_BYTES = 6 * 2**20


def write_safetensors(path: Path, tensors: dict[str, np.ndarray], metadata: dict[str, str] | None = None) -> None:
    """Writes the file by rename, so that it is whole or absent. Throws BadSafetensors for values that are not finite."""
    header: dict[str, object] = {"__metadata__": metadata} if metadata else {}
    at = 0
    for name, array in tensors.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise BadSafetensors(f"{name} holds values that are not finite numbers; nothing was written")
        header[name] = {"dtype": NAMES[array.dtype], "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for array in tensors.values():
            file.write(np.ascontiguousarray(array).tobytes())
    os.replace(temporary, path)


def read_safetensors(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Tensors by name and the header's metadata. Throws MissingFile, BadSafetensors."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise MissingFile(f"no weights at {path}") from None
    if len(data) < 8 or struct.unpack("<Q", data[:8])[0] > len(data) - 8:
        raise BadSafetensors(f"{path} is cut short: {len(data)} bytes")
    length = struct.unpack("<Q", data[:8])[0]
    try:
        header = json.loads(data[8 : 8 + length])
        metadata = header.pop("__metadata__", {})
        tensors = {}
        for name, entry in header.items():
            dtype = DTYPES[entry["dtype"]]
            start, end = entry["data_offsets"]
            count = int(np.prod(entry["shape"], dtype=np.int64))
            if not 0 <= start <= end <= len(data) - 8 - length or count * dtype.itemsize != end - start:
                raise BadSafetensors(f"{path}: the span of {name} lies outside the file or does not fit its shape")
            tensors[name] = np.frombuffer(data, dtype, count, 8 + length + start).reshape(entry["shape"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadSafetensors(f"{path} has no readable safetensors header: {error!r}") from None
    return tensors, metadata


def read_shards(paths: list[Path]) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The union of several files; metadata of the first."""
    tensors: dict[str, np.ndarray] = {}
    metadata: dict[str, str] = {}
    for index, path in enumerate(paths):
        part, words = read_safetensors(path)
        twice = sorted(set(part) & set(tensors))
        if twice:
            raise BadSafetensors(f"{path} holds {twice[0]} a second time")
        tensors.update(part)
        metadata = words if index == 0 else metadata
    return tensors, metadata


def half_precision(state: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    """Weights as the page downloads them: f16, except fixed tables (pos_embed), which stay exact. What f16 cannot hold
    becomes infinite; the exporter refuses that."""
    with np.errstate(over="ignore"):
        return {
            name: tensor.detach().float().cpu().numpy().astype("<f4" if name == "pos_embed" else "<f2")
            for name, tensor in state.items()
        }


def write_shards(folder: Path, name: str, tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> list[Path]:
    """`name.safetensors`, or `name-00001-of-00002.safetensors` … of at most 6 MiB each; every shard carries the metadata."""
    groups: list[dict[str, np.ndarray]] = [{}]
    size = 0
    for key, array in tensors.items():
        if groups[-1] and size + array.nbytes > MAX_SHARD_BYTES - 2**17:  # room for the header
            groups.append({})
            size = 0
        groups[-1][key] = array
        size += array.nbytes
    paths = []
    for index, group in enumerate(groups):
        suffix = "" if len(groups) == 1 else f"-{index + 1:05d}-of-{len(groups):05d}"
        path = folder / f"{name}{suffix}.safetensors"
        write_safetensors(path, group, metadata)
        paths.append(path)
    return paths


def load_into(module: torch.nn.Module, tensors: dict[str, np.ndarray], where: str) -> None:
    """Strict load. Throws BadSafetensors listing what is missing, unexpected or misshapen."""
    own = module.state_dict()
    missing = sorted(set(own) - set(tensors))
    unexpected = sorted(set(tensors) - set(own))
    misshapen = sorted(n for n in set(own) & set(tensors) if tuple(own[n].shape) != tensors[n].shape)
    if missing or unexpected or misshapen:
        raise BadSafetensors(f"{where} does not fit: missing {missing}, unexpected {unexpected}, misshapen {misshapen}")
    module.load_state_dict({name: torch.from_numpy(array.astype(np.float32)) for name, array in tensors.items()})


def file_entry(path: Path, root: Path) -> dict[str, object]:
    """{file, bytes, sha256} as the manifest lists it; file is relative to `root`."""
    data = path.read_bytes()
    return {"file": path.relative_to(root).as_posix(), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
