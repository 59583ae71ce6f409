"""`python3 -m pretrain.evaluate`: measures the committed models and writes docs/results.json."""

from __future__ import annotations

from pretrain.interpreter import ensure_torch

ensure_torch("pretrain.evaluate")

import argparse  # noqa: E402 (only an interpreter with torch may go on)
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import torch  # noqa: E402

from pretrain.config import load_config  # noqa: E402
from pretrain.errors import PretrainError  # noqa: E402
from pretrain.evaluate.models import Models  # noqa: E402
from pretrain.evaluate.plan import EvaluationPlan  # noqa: E402
from pretrain.evaluate.run import Evaluation  # noqa: E402
from pretrain.evaluate.trajectories import Trajectories, arm_of  # noqa: E402
from pretrain.folders import CONFIGS, PROJECT  # noqa: E402
from pretrain.metrics.results import Results, read_results, write_results  # noqa: E402

DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16}


def say(words: str) -> None:
    print(words, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 -m pretrain.evaluate", description=__doc__.splitlines()[0])
    parser.add_argument("--plan", type=Path, default=CONFIGS / "evaluate-avatars-64.toml", help="what to measure")
    parser.add_argument("--models", type=Path, default=PROJECT / "public" / "models", help="folder of the manifest")
    parser.add_argument("--work", type=Path, default=PROJECT / ".train", help="work folder; holds dataset/ and what was drawn")
    parser.add_argument("--out", type=Path, default=PROJECT / "docs" / "results.json")
    parser.add_argument("--precision", choices=DTYPES, default="bf16", help="of the networks' products")
    parser.add_argument("--threads", type=int, help="CPU threads")
    parser.add_argument("--draw-only", nargs="*", metavar="ARM", help="integrate these models or LIGHT>HEAVY@TAU (all when none is named) and stop")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        plan = load_config(EvaluationPlan, arguments.plan)
        models = Models(arguments.models, plan.family, device, DTYPES[arguments.precision])
        cache = arguments.work / "evaluation" / plan.family
        if arguments.draw_only is not None:
            trajectories = Trajectories(cache / "trajectories", plan, models, say)
            for name in arguments.draw_only or plan.arms():
                trajectories.draw(arm_of(name))
            return
        results = Evaluation(plan, models, arguments.work / "dataset", cache, say).run()
        families = read_results(arguments.out).families if arguments.out.exists() else {}
        write_results(arguments.out, Results({**families, plan.family: results}))
    except PretrainError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


main()
