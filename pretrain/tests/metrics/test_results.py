"""docs/results.json: written and read back, refused when it does not fit the schema."""

import json
import tempfile
import unittest
from pathlib import Path

from pretrain.errors import MissingFile, ResultsDoNotFit
from pretrain.metrics.bootstrap import Estimate
from pretrain.metrics.results import (
    Accuracy,
    AttributeNetwork,
    Claim,
    CosineAt,
    FamilyResults,
    FeatureNetwork,
    HeadAgreement,
    LossAt,
    ModelResult,
    PairResult,
    Protocol,
    Quality,
    Reconstruction,
    Results,
    TauResult,
    read_results,
    write_results,
)


#: What the page's side of the schema is tested with; `python3 -m pretrain.tests.metrics.test_results` writes
#: it again.
FIXTURE = Path(__file__).resolve().parents[3] / "test" / "fixtures" / "results.json"


def about(value: float, width: float = 0.1) -> Estimate:
    """An estimate with three blocks. Not measured: an example of the shape."""
    low, high = round(value * (1 - width), 4), round(value * (1 + width), 4)
    return Estimate(value, low, high, (low, value, high))


def quality(fd: float) -> Quality:
    return Quality(
        fd=about(fd),
        fd_pooled=about(round(0.8 * fd, 3)),
        kid=about(0.01),
        precision=about(0.8),
        recall=about(0.7),
        density=about(0.9),
        coverage=about(0.85, 0.05),
        recognised=about(0.96, 0.01),
        recognised_per_class={"micah": 0.97, "dylan": 0.94},
        recognised_lowest=about(0.94, 0.01),
        memorised=about(0.002),
    )


def model(name: str, kind: str, width: int, fd: float, base: str | None) -> ModelResult:
    ratio = {"heavy": fd / 3.0, "zoo-base": fd / 4.0}
    return ModelResult(
        name=name,
        kind=kind,
        differs=f"what differs in {name}",
        recipe="flow matching",
        architecture="dit",
        width=width,
        depth=4,
        parameters=width * width * 80,
        bytes=width * width * 160,
        sha256="0" * 64,
        samples=1_000_000,
        seconds=16_000.0,
        device="CPU, 1 threads",
        quality=quality(fd),
        base=base,
        fd_ratio=None if base is None else about(ratio[base], 0.02),
        fd_ratio_pooled=None if base is None else about(ratio[base], 0.03),
        loss_per_t=tuple(LossAt(t, about(round(0.4 + 0.5 * abs(t - 0.4), 3), 0.03)) for t in (0.1, 0.5, 0.9)),
    )


def tau(recipe: str, value: float, fd: float, order: str = "light first") -> TauResult:
    steps = round(59 * (value if order == "light first" else 1 - value))
    ratio = about(fd / 3.0, 0.02)
    return TauResult(
        recipe, f"light-{recipe}", "heavy", order, value, steps, 59 - steps, quality(fd), ratio, ratio, about(0.9, 0.02)
    )


def pair(name: str, s_norm: float, noise_floor: bool = False) -> PairResult:
    return PairResult(
        a="zoo-base",
        b=name,
        what=f"what differs in {name}",
        noise_floor=noise_floor,
        s=about(0.9, 0.02),
        s_unrel=about(0.4, 0.05),
        s_norm=about(s_norm, 0.03),
        agreement=about(0.7, 0.02),
        agreement_unrel=about(0.2, 0.05),
        agreement_heads={"micah.hair": HeadAgreement(0.8, 120)},
        mse=about(100.0),
        psnr=None if noise_floor else about(21.0),
        ssim=about(0.7),
        latent_cosine=(CosineAt(0.0, about(1.0, 0.0)), CosineAt(1.0, about(0.8))),
    )


def example() -> Results:
    """A file with some of everything."""
    family = FamilyResults(
        Protocol(1.5, 60, "euler", 3, 500, 3, 1000, "held-out", 4000, 300, 1000, "CPU, 1 threads", "1.13.0"),
        FeatureNetwork("embedding", "metrics/embedding.safetensors", 1_880_000, "1" * 64, 940_000, 128),
        AttributeNetwork(
            "classifier",
            "metrics/classifier.safetensors",
            2_700_000,
            "2" * 64,
            1_300_000,
            Accuracy(0.999, 4000),
            {"background": Accuracy(0.998, 4000), "micah.hair": Accuracy(0.982, 500)},
        ),
        (
            Reconstruction("autoencoder", "3" * 64, about(31.0), about(0.98, 0.01), about(0.2)),
            Reconstruction("autoencoder-b", "4" * 64, about(30.0), about(0.97, 0.01), about(0.3)),
        ),
        quality(1.3),
        (
            model("heavy", "heavy", 256, 3.0, None),
            model("light-distil", "light", 128, 3.6, "heavy"),
            model("zoo-base", "variant", 128, 4.0, None),
            model("zoo-half", "variant", 128, 4.2, "zoo-base"),
            model("zoo-width-64", "ladder", 64, 6.0, "zoo-base"),
            model("zoo-width-192", "ladder", 192, 3.3, "zoo-base"),
        ),
        tuple(
            tau(r, t, 3.0 + slope * t)
            for r, slope in (("distil", 0.3), ("fm", 0.9)) for t in (0.0, 0.5, 0.7, 1.0)
        )
        + (tau("distil", 0.3, 3.05, "heavy first"),),
        (pair("zoo-seed", 0.8, noise_floor=True), pair("zoo-half", 0.7), pair("zoo-unet", 0.45)),
        (
            Claim(
                "coarse-to-fine at τ = 0.7 within 3 % of heavy alone",
                "upper end <= 1.03",
                about(1.01, 0.01),
                True,
            ),
            Claim(
                "C_b at half of the data no worse than all of it", "upper end <= 1", about(1.02, 0.01), False
            ),
        ),
    )
    return Results({"avatars-64": family})


class ResultsFile(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "results.json"

    def test_comes_back_as_it_was_written(self):
        write_results(self.path, example())
        self.assertEqual(read_results(self.path), example())

    def test_has_camel_case_keys_and_null_for_what_is_infinite(self):
        write_results(self.path, example())
        family = json.loads(self.path.read_text())["families"]["avatars-64"]
        self.assertEqual(family["coarseToFine"][0]["fdRatio"]["value"], 1.0)
        self.assertIsNone(family["pairs"][0]["psnr"])

    def test_a_number_that_is_not_finite_is_refused_and_nothing_is_overwritten(self):
        write_results(self.path, example())
        before = self.path.read_bytes()
        with self.assertRaisesRegex(ResultsDoNotFit, "results.families"):
            family = example().families["avatars-64"]
            bad = Claim("x", "y", about(float("nan")), False)
            write_results(self.path, Results({"a": FamilyResults(**{**family.__dict__, "claims": (bad,)})}))
        self.assertEqual(self.path.read_bytes(), before)

    def test_a_key_too_many_or_too_few_and_a_wrong_type_are_named_with_their_place(self):
        write_results(self.path, example())
        for change, words in (
            (lambda f: f["protocol"].pop("solver"), "protocol: the key 'solver' is missing"),
            (lambda f: f["protocol"].update(extra=1), "protocol: the key 'extra' is unknown"),
            (lambda f: f["models"][0].update(width="256"), r"models\[0\].width: int is wanted"),
        ):
            values = json.loads(self.path.read_text())
            change(values["families"]["avatars-64"])
            other = self.path.with_name("other.json")
            other.write_text(json.dumps(values))
            with self.assertRaisesRegex(ResultsDoNotFit, words):
                read_results(other)

    def test_the_fixture_of_the_report_is_this_example(self):
        self.assertEqual(read_results(FIXTURE), example())

    def test_no_file_says_who_writes_it(self):
        with self.assertRaisesRegex(MissingFile, "pretrain.evaluate"):
            read_results(self.path)


if __name__ == "__main__":
    write_results(FIXTURE, example())
