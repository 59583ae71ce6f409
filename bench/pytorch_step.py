"""Milliseconds of a training step of the light model in PyTorch on one CPU thread, for bench/fineTuning.ts.

The same network and batch in f32: forward, backward, AdamW, moving average. Prints JSON: steps, medianMs, torch.
"""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from pretrain.models.dit import DiT, DiTConfig
from pretrain.models.fast_products import fast_products
from pretrain.train.average import update_average
from pretrain.train.config import TrainConfig
from pretrain.train.loop import make_optimizer

STEPS, WARM_UP = 9, 2

torch.set_num_threads(1)
config = json.loads(sys.argv[1])
batch = int(sys.argv[2])
network = DiT(DiTConfig(**config))
parameters = list(network.parameters())
optimizer = make_optimizer(parameters, TrainConfig(steps=STEPS, batch=batch, learning_rate=1e-4))
average = [parameter.detach().clone() for parameter in parameters]
shape = (batch, config["in_channels"], config["input_size"], config["input_size"])
x, target, t = torch.randn(shape), torch.randn(shape), torch.rand(batch)
labels = torch.arange(batch) % config["num_classes"]
milliseconds = []
with fast_products():
    for _ in range(WARM_UP + STEPS):
        begun = time.perf_counter()
        loss = (network(x, t, labels) - target).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        update_average(average, parameters, 0.9)
        milliseconds.append((time.perf_counter() - begun) * 1000)
median = sorted(milliseconds[WARM_UP:])[STEPS // 2]
print(json.dumps({"steps": STEPS, "medianMs": median, "torch": torch.__version__}))
