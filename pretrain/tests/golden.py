"""Reader of the golden cases in test/fixtures/golden: config, tensors and tolerances of one case."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pretrain.checkpoints.safetensors import read_safetensors

FOLDER = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "golden"


@dataclass(frozen=True)
class GoldenCase:
    """`about` is the JSON beside the tensors; names are `weights.*`, `in.*`, `out.*`."""

    name: str
    about: dict[str, Any]
    tensors: dict[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.tensors[name]

    @property
    def config(self) -> dict[str, Any]:
        return self.about["config"]

    @property
    def weights(self) -> dict[str, torch.Tensor]:
        """The network's state dict."""
        start = len("weights.")
        return {name[start:]: self.torch(name) for name in self.tensors if name.startswith("weights.")}

    def torch(self, name: str) -> torch.Tensor:
        """One tensor, float32, the caller's own."""
        return torch.from_numpy(self.tensors[name].copy())

    def indices(self, name: str) -> list[int]:
        """One tensor as a list of integers."""
        return [int(value) for value in self.tensors[name].ravel()]

    def assert_close(self, got: Any, name: str, tight: bool = False) -> None:
        """|got − want| <= atol + rtol |want|, the limits of the case; `tight`: those of plain float32 on a
        CPU."""
        kind = "_tight" if tight else ""
        np.testing.assert_allclose(
            np.asarray(got.detach().cpu() if torch.is_tensor(got) else got, dtype=np.float64),
            self.tensors[name].astype(np.float64),
            rtol=self.about[f"rtol{kind}"],
            atol=self.about[f"atol{kind}"],
            err_msg=f"{self.name}: {name}",
        )


def golden(name: str) -> GoldenCase:
    """The case `name`, for instance "10_metrics"."""
    about = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    file = FOLDER / f"{name}.safetensors"  # some cases hold all in their JSON
    tensors = read_safetensors(file)[0] if file.exists() else {}
    return GoldenCase(name, about, tensors)
