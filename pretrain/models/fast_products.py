"""f32 matrix products through oneDNN, where torch's own BLAS is the slow reference one.

Debian's torch is linked to whatever `libblas.so.3` there is; with the reference library an f32 product runs
at 1–2 GFLOP/s a core, 40 times slower than oneDNN, which torch carries anyway but uses for bf16 and
convolutions alone. Inside `with fast_products():` linear layers and (batched) products of f32 CPU tensors
take that road, forward and backward; whatever else, and every other device or type, runs as it would. Values
differ by f32 rounding only.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache
from typing import ContextManager

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode


def fast_products() -> ContextManager:
    """The context to compute in; does nothing where torch has a BLAS of its own."""
    return _OneDnnProducts() if blas_is_reference() else nullcontext()


def batched_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """A_i B_i by the faster road, for code that autograd calls (hooks see no context); a [B,R,K], b
    [B,K,O]."""
    return _Batched.apply(a, b) if _is_plain(a) and _is_plain(b) and blas_is_reference() else torch.bmm(a, b)


@cache
def blas_is_reference() -> bool:
    """True when torch was built against a generic BLAS, and oneDNN can stand in for it."""
    generic = "BLAS_INFO=generic" in torch.__config__.show()
    return generic and torch.backends.mkldnn.is_available() and hasattr(torch._C._nn, "mkldnn_linear")


def _product(a: torch.Tensor, b: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """a bᵀ + bias; a [R,K], b [O,K], bias [O], result [R,O]."""
    return torch._C._nn.mkldnn_linear(a.contiguous().to_mkldnn(), b.contiguous(), bias).to_dense()


class _Linear(torch.autograd.Function):
    """y = x Wᵀ + bias; x [...,K], W [O,K]."""

    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        return _product(x.reshape(-1, x.shape[-1]), weight, bias).view(*x.shape[:-1], len(weight))

    @staticmethod
    def backward(ctx, dy):
        x, weight = ctx.saved_tensors
        rows = dy.reshape(-1, dy.shape[-1])  # [R,O]
        dx = dweight = dbias = None
        if ctx.needs_input_grad[0]:
            dx = _product(rows, weight.t()).view(x.shape)
        if ctx.needs_input_grad[1]:
            dweight = _product(rows.t(), x.reshape(-1, x.shape[-1]).t())
        if ctx.needs_input_grad[2]:
            dbias = rows.sum(0)
        return dx, dweight, dbias


class _Batched(torch.autograd.Function):
    """C_i = A_i B_i; A [...,R,K], B [...,K,O] of the same leading sizes. One matrix at a time: oneDNN offers
    torch no batched product in f32, and a call costs about 25 µs."""

    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return _each(a, b.transpose(-1, -2))

    @staticmethod
    def backward(ctx, dc):
        a, b = ctx.saved_tensors
        da = _each(dc, b) if ctx.needs_input_grad[0] else None
        db = _each(a.transpose(-1, -2), dc.transpose(-1, -2)) if ctx.needs_input_grad[1] else None
        return da, db


def _each(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """A_i B_iᵀ; a [...,R,K], b [...,O,K], result [...,R,O]."""
    left, right = (x.contiguous().view(-1, *x.shape[-2:]) for x in (a, b))
    products = torch.stack([_product(x, y) for x, y in zip(left.unbind(), right.unbind())])
    return products.view(*a.shape[:-1], b.shape[-2])


_PRODUCTS = {torch.matmul, torch.Tensor.matmul, torch.Tensor.__matmul__, torch.bmm, torch.Tensor.bmm}


class _OneDnnProducts(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        if not kwargs and all(_is_plain(value) for value in args):
            if func is F.linear and args[0].numel():
                return _Linear.apply(args[0], args[1], args[2] if len(args) > 2 else None)
            if func in _PRODUCTS and len(args) == 2 and args[0].numel() and args[1].numel():
                a, b = args
                if a.dim() >= 3 and a.shape[:-2] == b.shape[:-2]:
                    return _Batched.apply(a, b)
                if a.dim() >= 2 and b.dim() == 2:
                    return _Linear.apply(a, b.t(), None)
        return func(*args, **(kwargs or {}))


def _is_plain(value) -> bool:
    """A dense f32 tensor on the CPU, or no bias."""
    if value is None:
        return True
    if not isinstance(value, torch.Tensor) or value.dtype != torch.float32:
        return False
    return value.layout == torch.strided and value.device.type == "cpu"
