"""`python3 -m pretrain STAGE …`: one command a stage; `python3 -m pretrain --help` lists them."""

from __future__ import annotations

from pretrain.interpreter import ensure_torch

ensure_torch()

from pretrain.stages import main  # noqa: E402 (only an interpreter with torch may go on)

main()
