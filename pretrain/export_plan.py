"""What is exported, and under which name: configs/export.toml."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pretrain.config import load_config
from pretrain.errors import ConfigDoesNotFit

FEATURE_KINDS = ("embedding", "classifier")
#: The name under which the family's own decoder is exported.
DECODER = "decoder"


@dataclass(frozen=True)
class ModelExport:
    """One flow model. What is left empty is the experiment's."""

    #: The experiment, relative to pretrain/configs.
    config: str
    role: str = "variant"
    #: File and name in the manifest.
    name: str = ""
    #: Some words for a list.
    title: str = ""
    #: What a variant varies.
    group: str = ""
    #: One sentence: what differs from the base.
    about: str = ""
    #: The further autoencoder in whose latents it was trained.
    autoencoder: str = ""

    def __post_init__(self) -> None:
        if self.role not in ("light", "heavy", "variant"):
            raise ConfigDoesNotFit(f"{self.config}: a role is light, heavy or variant, not {self.role!r}")
        if self.role == "variant" and not self.group:
            raise ConfigDoesNotFit(f"{self.config}: a variant needs a group, which says what it varies")


@dataclass(frozen=True)
class AutoencoderExport:
    """A further autoencoder: other latents of the same pictures."""

    config: str
    #: Latents that were made with it: they say its scale factor.
    latents: str
    name: str = ""
    about: str = ""


@dataclass(frozen=True)
class ExportPlan:
    """The whole file."""

    family: str
    licence: str
    #: Model card, relative to the manifest.
    card: str
    #: Folder of the data set, in the work folder.
    dataset: str = "dataset"
    model: tuple[ModelExport, ...] = ()
    autoencoder: tuple[AutoencoderExport, ...] = ()
    #: Configuration of a decoder that was trained on while its encoder stayed.
    decoder: str = ""
    #: Configurations of the metric networks by kind: embedding, classifier.
    features: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.features) - set(FEATURE_KINDS))
        if unknown:
            raise ConfigDoesNotFit(f"[features] knows {' and '.join(FEATURE_KINDS)}, not {unknown[0]!r}")


def read_plan(path: Path) -> ExportPlan:
    return load_config(ExportPlan, path)
