"""What a data set's folder says about itself: dataset.json and attributes.jsonl of `npm run dataset`.

Both come from outside, so that every field is looked at before it is used: a file name cannot leave the
folder, and no count is believed before something was counted.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pretrain.errors import BadDataset, MissingFile

MAKE_IT = "npm run dataset -- --out {folder} draws it"


@dataclass(frozen=True)
class TarEntry:
    """One tar: `count` images, in the order of attributes.jsonl."""

    file: str
    bytes: int
    sha256: str
    count: int


@dataclass(frozen=True)
class SplitDescription:
    """One split of a data set, checked against attributes.jsonl: order is index ascending, then label."""

    name: str
    #: side of the images in pixels
    size: int
    tars: tuple[TarEntry, ...]
    keys: list[str]
    labels: list[int]
    attributes: list[dict[str, str | bool]]


def read_description(folder: Path, split: str) -> SplitDescription:
    """Reads what `folder` says about `split` ("train" or "held-out"). Throws MissingFile, BadDataset."""
    path = folder / "dataset.json"
    about = _json(path, _bytes(path, folder))
    _check(about.get("format") == 1, path, f"format is {about.get('format')!r}, and this program reads 1")
    size = _integer(about, "size", path)
    _check(1 <= size <= 1024, path, f"size is {size}, and 1 to 1024 pixels are read")
    styles = about.get("styles")
    named = isinstance(styles, list) and all(isinstance(style, str) for style in styles)
    _check(named, path, "styles are no names")
    splits = about.get("splits")
    _check(isinstance(splits, dict), path, "splits are missing")
    _check(isinstance(splits.get(split), dict), path, f"there is no split {split!r}, but {', '.join(splits)}")

    listed = splits[split].get("tars")
    _check(isinstance(listed, list), path, f"{split} has no list of tars")
    tars = tuple(_tar(entry, split, path) for entry in listed)
    keys, labels, attributes = _read_attributes(folder, about, split, styles)
    _check(keys, path, f"{split} has no images")
    for said in (_integer(splits[split], "count", path), sum(tar.count for tar in tars)):
        described = f"attributes.jsonl describes {len(keys)}"
        _check(said == len(keys), path, f"{split} has {said} images, and {described}")
    return SplitDescription(split, size, tars, keys, labels, attributes)


def _tar(entry: Any, split: str, path: Path) -> TarEntry:
    _check(isinstance(entry, dict), path, f"a tar of {split} is no object")
    file, digest = entry.get("file"), entry.get("sha256")
    plain = isinstance(file, str) and re.fullmatch(re.escape(split) + r"-[0-9]{5}\.tar", file)
    _check(plain, path, f"{file!r} is no name of a tar of {split}")
    _check(_is_digest(digest), path, f"{file} has no sha256 of 64 hexadecimal digits")
    return TarEntry(file, _integer(entry, "bytes", path), digest, _integer(entry, "count", path))


def _read_attributes(
    folder: Path, about: dict[str, Any], split: str, styles: list[str]
) -> tuple[list[str], list[int], list[dict[str, str | bool]]]:
    """Keys, labels and attributes of `split` out of attributes.jsonl, whose bytes are checked first."""
    said = about.get("attributes")
    listed = isinstance(said, dict) and said.get("file") == "attributes.jsonl"
    _check(listed, folder, "attributes.jsonl is not listed")
    path = folder / "attributes.jsonl"
    content = _bytes(path, folder)
    digest = hashlib.sha256(content).hexdigest()
    whole = len(content) == said.get("bytes") and digest == said.get("sha256")
    expected = f"({said.get('bytes')} bytes)"
    _check(whole, path, f"its {len(content)} bytes are not those that dataset.json lists {expected}")

    keys: list[str] = []
    labels: list[int] = []
    attributes: list[dict[str, str | bool]] = []
    previous = (-1, -1)
    for number, line in enumerate(content.splitlines(), start=1):
        where = f"line {number}: "
        image = _json(path, line, where)
        if image.get("split") != split:
            continue
        label = _integer(image, "label", path)
        index = _integer(image, "index", path)
        shown = image.get("attributes")
        _check(label < len(styles), path, f"{where}label {label}, but there are {len(styles)} styles")
        key = f"{styles[label]}/{index:06d}"
        _check(image.get("key") == key, path, f"{where}key {image.get('key')!r} instead of {key}")
        _check((index, label) > previous, path, f"{where}{key} stands after a later image")
        flat = isinstance(shown, dict) and all(isinstance(value, (str, bool)) for value in shown.values())
        _check(flat, path, f"{where}attributes are no words")
        previous = (index, label)
        keys.append(key)
        labels.append(label)
        attributes.append(shown)
    return keys, labels, attributes


def _bytes(path: Path, folder: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise MissingFile(f"{path} is not there; {MAKE_IT.format(folder=folder)}") from None
    except OSError as cause:
        raise BadDataset(f"{path} cannot be read: {cause.strerror}") from cause


def _json(path: Path, content: bytes, where: str = "") -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as cause:
        raise BadDataset(f"{path}: {where}no JSON ({cause})") from cause
    _check(isinstance(value, dict), path, f"{where}no JSON object")
    return value


def _integer(table: dict[str, Any], name: str, path: Path) -> int:
    value = table.get(name)
    _check(type(value) is int and value >= 0, path, f"{name} is {value!r} and no whole number")
    return value


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def _check(holds: Any, path: Path, otherwise: str) -> None:
    if not holds:
        raise BadDataset(f"{path}: {otherwise}")
