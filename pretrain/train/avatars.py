"""The avatars as the metric networks train on them: pixels, reconstructions, classes and attribute values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from pretrain.errors import CountsDiffer
from pretrain.models.attributes import Head, head_values
from pretrain.models.convnet import as_input
from pretrain.train.task import Draw


@dataclass(frozen=True)
class Avatars:
    """Drawings of one split. `images` are uint8 [N,S,S,3]; `decoded` [M,S,S,3], M <= N, are the first M of
    them through an autoencoder."""

    images: np.ndarray
    decoded: np.ndarray
    labels: torch.Tensor
    """[N] int64."""
    values: torch.Tensor
    """[N,H] int64."""

    def __post_init__(self) -> None:
        if len(self.decoded) > len(self.images) or self.decoded.shape[1:] != self.images.shape[1:]:
            raise CountsDiffer(
                f"{self.decoded.shape} reconstructions of {self.images.shape} images; "
                "delete their file, they are made again"
            )

    def __len__(self) -> int:
        return len(self.images)

    def pixels(self, chosen: torch.Tensor, decoded: torch.Tensor, device: torch.device) -> torch.Tensor:
        """[B,3,S,S] in [−1,1] of images `chosen` [B], decoded ones where `decoded` [B] says so and there is
        one."""
        index = chosen.cpu().numpy()
        batch = self.images[index]
        swap = np.flatnonzero(decoded.cpu().numpy() & (index < len(self.decoded)))
        batch[swap] = self.decoded[index[swap]]
        return as_input(torch.from_numpy(batch).to(device))


def avatars_of(
    images: np.ndarray, decoded: np.ndarray, labels: np.ndarray, records: list[dict], heads: tuple[Head, ...]
) -> Avatars:
    """Avatars with the values of `heads`, from what data.dataset.load_split gives."""
    values = torch.from_numpy(head_values(records, heads))
    return Avatars(images, decoded, torch.from_numpy(np.asarray(labels, dtype=np.int64)), values)


def some_decoded(draw: Draw, share: float) -> torch.Tensor:
    """[B] bool: which images of the batch are taken as the autoencoder gives them back."""
    return draw.uniform() < share
