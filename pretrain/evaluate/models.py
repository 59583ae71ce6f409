"""The committed models as the evaluation runs them: read from the manifest, checked by sha256."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn as nn

from pretrain.errors import BadSafetensors, ConfigDoesNotFit, MissingFile
from pretrain.models.build import load_velocity, null_label_of


@dataclass(frozen=True)
class Shipped:
    """A velocity network of the manifest."""

    name: str
    entry: dict
    network: nn.Module
    null_label: int
    #: One hash over all its files.
    sha256: str
    autoencoder: str


class Models:
    """Loads the models of one family by name, each once."""

    def __init__(self, root: Path, family: str, device: torch.device, dtype: torch.dtype) -> None:
        self.root, self.device, self.dtype = root, device, dtype
        try:
            manifest = json.loads((root / "manifest.json").read_text("utf-8"))
        except FileNotFoundError:
            raise MissingFile(f"no manifest in {root}; 'python3 -m pretrain export' writes it") from None
        except ValueError as error:
            raise ConfigDoesNotFit(f"{root / 'manifest.json'} is not JSON: {error}") from None
        if not isinstance(manifest, dict) or not isinstance(manifest.get("families"), list):
            raise ConfigDoesNotFit(f"{root / 'manifest.json'} lists no families; 'python3 -m pretrain export' writes it anew")
        found = [entry for entry in manifest["families"] if entry["name"] == family]
        if not found:
            raise MissingFile(f"the manifest of {root} has no family {family}")
        self.family = found[0]
        self.loaded: dict[str, Shipped] = {}

    def paths(self, files: list[dict]) -> list[Path]:
        """Files of an entry. Throws MissingFile, BadSafetensors (another hash)."""
        paths = [self.root / entry["file"] for entry in files]
        for path, entry in zip(paths, files):
            if not path.exists():
                raise MissingFile(f"the shard {path} that the manifest lists is missing")
            if hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
                raise BadSafetensors(f"{path} is not the file that the manifest lists: its sha256 differs")
        return paths

    def entry(self, name: str) -> dict:
        """By name, or by the role light or heavy. Throws MissingFile."""
        for key in ("name", "role"):
            for entry in self.family["models"]:
                if entry[key] == name:
                    return entry
        raise MissingFile(f"{self.family['name']} has no model {name}")

    def velocity(self, name: str) -> Shipped:
        """On the CPU the products run in `dtype`; states stay f32."""
        if name not in self.loaded:
            entry = self.entry(name)
            network = load_velocity(self.paths(entry["files"])).to(self.device).requires_grad_(False)
            for parameter in network.parameters():
                parameter.data = parameter.data.to(self.dtype)
            whole = hashlib.sha256("".join(f["sha256"] for f in entry["files"]).encode()).hexdigest()
            autoencoder = entry.get("autoencoder", "")
            self.loaded[name] = Shipped(name, entry, network, null_label_of(network), whole, autoencoder)
        return self.loaded[name]

    def autoencoder_entry(self, name: str = "") -> dict:
        """The family's own autoencoder, or a further one by name."""
        if not name:
            return self.family["autoencoder"]
        for entry in self.family.get("autoencoders", []):
            if entry["name"] == name:
                return entry
        raise MissingFile(f"{self.family['name']} has no autoencoder {name}")
