"""Milliseconds of the light and the heavy network's forward pass in PyTorch, eager, f32, on one CPU thread, for bench/cpuEngines.ts.

Prints JSON: torch, rows of model, batch, medianMs.
"""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from pretrain.models.dit import DiT, DiTConfig

REPEATS, WARM_UP = 7, 2
COMMON = {"input_size": 16, "patch_size": 2, "in_channels": 4, "mlp_ratio": 4.0, "num_classes": 8, "class_dropout_prob": 0.1, "learn_sigma": False}
SHAPES = {"light": {"hidden_size": 128, "depth": 4, "num_heads": 2}, "heavy": {"hidden_size": 256, "depth": 8, "num_heads": 4}}

torch.set_num_threads(1)
rows = []
with torch.no_grad():
    for model, shape in SHAPES.items():
        network = DiT(DiTConfig(**COMMON, **shape)).eval()
        for batch in (1, 4, 8, 16, 64):
            x, t, labels = torch.randn(batch, 4, 16, 16), torch.full((batch,), 0.4), torch.arange(batch) % 8
            milliseconds = []
            for _ in range(WARM_UP + REPEATS):
                begun = time.perf_counter()
                network(x, t, labels)
                milliseconds.append((time.perf_counter() - begun) * 1000)
            rows.append({"model": model, "batch": batch, "medianMs": sorted(milliseconds[WARM_UP:])[REPEATS // 2]})
print(json.dumps({"torch": torch.__version__, "rows": rows}))
