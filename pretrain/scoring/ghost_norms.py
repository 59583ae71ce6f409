"""Squared L2 norm of the full gradient of every sample of a batch, by one backward pass (ghost norms).

The losses of a batch are summed, so the gradient δ at a layer's output holds each sample's own gradient. With
a linear layer's inputs X [N,in] and output gradients δ [N,out] of one sample, its weight gradient is Xᵀδ and
    ‖Xᵀδ‖_F² = ⟨XXᵀ, δδᵀ⟩,   bias ‖Σδ‖² = ⟨1, δδᵀ⟩,
so no gradient of a weight is ever formed unless that is cheaper. A row of a label table adds ‖δ‖², the patch
embedding counts as a linear layer on patches; the fixed pos_embed does not count.
Source: Goodfellow 2015, arXiv 1510.01799; Li et al. 2021, arXiv 2110.05679, section 4; method §6.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch
import torch.nn as nn
import torch.nn.functional as F

from pretrain.errors import WeightsOutOfReach
from pretrain.models.fast_products import batched_product


class GhostNorms(AbstractContextManager):
    """Reads squared per-sample gradient norms off a DiT's forward and backward passes while the context is
    open.

    network is a DiT: linear layers and label tables anywhere, `x_embedder.proj` whose result (plus what is
    fixed) enters `blocks[0]`. While it is open no parameter collects a gradient. Throws WeightsOutOfReach for
    parameters that none of these rules covers, and after a pass in which a layer ran twice or not at all.
    """

    def __init__(self, network: nn.Module) -> None:
        self._network = network
        layers = {n: m for n, m in network.named_modules() if isinstance(m, (nn.Linear, nn.Embedding))}
        self._layers: dict[str, nn.Module] = layers
        self._runs: dict[str, int] = {}
        self._total: torch.Tensor | None = None
        covered = {f"{name}.{part}" for name in layers for part in ("weight", "bias")}
        covered |= {"pos_embed", "x_embedder.proj.weight", "x_embedder.proj.bias"}
        beyond = [name for name, _ in network.named_parameters() if name not in covered]
        if beyond or not hasattr(network, "x_embedder"):
            unknown = ", ".join(beyond) or "a network without x_embedder"
            raise WeightsOutOfReach(f"gradient norms are known for a DiT's layers, not for {unknown}")

    def __enter__(self) -> "GhostNorms":
        self._trained = [parameter for parameter in self._network.parameters() if parameter.requires_grad]
        for parameter in self._trained:
            parameter.requires_grad_(False)
        self._hooks = [
            module.register_forward_hook(self._on_layer(name)) for name, module in self._layers.items()
        ]
        self._hooks.append(self._network.register_forward_pre_hook(self._on_start))
        self._hooks.append(self._network.blocks[0].register_forward_pre_hook(self._on_first_block))
        return self

    def __exit__(self, *exception) -> None:
        for hook in self._hooks:
            hook.remove()
        for parameter in self._trained:
            parameter.requires_grad_(True)

    def squared_norms(self, losses: torch.Tensor) -> torch.Tensor:
        """‖∂ loss_b / ∂ θ‖² of the losses [B] of the pass just run, float64 [B]. Runs the backward pass."""
        self._total = torch.zeros(len(losses), dtype=torch.float64, device=losses.device)
        losses.sum().backward()
        wrong = {name: self._runs.get(name, 0) for name in [*self._layers, "x_embedder.proj"]}
        wrong = {name: runs for name, runs in wrong.items() if runs != 1}
        if wrong:
            raise WeightsOutOfReach(f"each layer must run once a pass, not as often as these: {wrong}")
        return self._total

    def _on_start(self, module: nn.Module, inputs: tuple) -> None:
        self._runs = {}
        self._xt = inputs[0]

    def _on_layer(self, name: str):
        def on_forward(module: nn.Module, inputs: tuple, output: torch.Tensor) -> None:
            if isinstance(module, nn.Embedding):
                self._watch(name, output, lambda delta: delta.float().pow(2).sum(-1))
            else:
                x, biased = inputs[0].detach(), module.bias is not None
                self._watch(name, output, lambda delta: linear_norms(x, delta, biased))

        return on_forward

    def _on_first_block(self, module: nn.Module, inputs: tuple) -> tuple:
        projection = self._network.x_embedder.proj
        tokens = inputs[0]
        xt = self._xt.detach().to(tokens.dtype)
        patches = F.unfold(xt, projection.kernel_size, stride=projection.stride).transpose(1, 2)
        biased = projection.bias is not None
        self._watch("x_embedder.proj", tokens, lambda delta: linear_norms(patches, delta, biased))
        return (tokens, *inputs[1:])

    def _watch(self, name: str, output: torch.Tensor, norms) -> None:
        """Adds `norms` of the gradient at `output` to the total once the backward pass comes by."""
        self._runs[name] = self._runs.get(name, 0) + 1
        if not output.requires_grad:
            output.requires_grad_(True)  # nothing before it learns, so the graph begins here

        def on_backward(delta: torch.Tensor) -> None:
            self._total += norms(delta)

        output.register_hook(on_backward)


def linear_norms(x: torch.Tensor, delta: torch.Tensor, biased: bool) -> torch.Tensor:
    """‖Xᵀδ‖² (+ ‖Σδ‖² where biased) of every sample [B]; x [B,N,in] or [B,in], delta [B,N,out] or [B,out].
    Sums of squares are taken in f32 at least, whatever the type of the layer."""
    if x.dim() == 2:  # one token: the gradient has rank one
        x, delta = x.float(), delta.float()
        return delta.pow(2).sum(1) * (x.pow(2).sum(1) + biased)
    batch, tokens, inputs = x.shape
    outputs = delta.shape[2]
    if tokens * (inputs + outputs) <= inputs * outputs:
        of_inputs = batched_product(x, x.transpose(1, 2)).float()  # [B,N,N]
        of_deltas = batched_product(delta, delta.transpose(1, 2)).float()
        if biased:
            of_inputs += 1
        return (of_inputs * of_deltas).sum((1, 2))
    norms = batched_product(delta.transpose(1, 2), x).float().pow_(2).sum((1, 2))  # of [B,out,in]
    return norms + delta.float().sum(1).pow(2).sum(1) if biased else norms
