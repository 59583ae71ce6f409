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
    Cost,
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


def about(value: float) -> Estimate:
    return Estimate(value, value * 0.9, value * 1.1, (value, value))


def quality() -> Quality:
    return Quality(about(3.0), about(0.1), about(0.8), about(0.7), about(0.9), about(0.8), about(0.97), {"micah": 0.97})


def example() -> Results:
    """A file with one of everything."""
    model = ModelResult(
        "heavy", "heavy", "the base", "flow matching", "dit", 256, 8, 9_700_000, 19_500_000, "0" * 64, 1_000_000, 16_000.0,
        "CPU, 1 threads", quality(), loss_per_t=(LossAt(0.1, about(0.5)),),
    )  # fmt: skip
    tau = TauResult("distil", "light", "heavy", 0.7, 42, 17, quality(), about(1.01), about(0.96))
    pair = PairResult(
        "heavy", "half", "half of the data", False, about(0.9), about(0.4), about(0.8), about(0.7), about(0.2),
        {"micah.hair": HeadAgreement(0.8, 120)}, about(100.0), None, about(0.7), (CosineAt(0.0, about(1.0)),),
    )  # fmt: skip
    family = FamilyResults(
        Protocol(1.5, 60, "euler", 3, 500, 3, 1000, "held-out", 4000, 300, "CPU, 1 threads", "1.13.0"),
        FeatureNetwork("embedding", "embedding.safetensors", 1_880_000, "1" * 64, 940_000, 128),
        AttributeNetwork("classifier", "classifier.safetensors", 2_700_000, "2" * 64, 1_300_000, Accuracy(0.999, 4000), {}),
        Reconstruction("autoencoder", about(31.0), about(0.98), about(0.2)),
        (model,),
        (tau,),
        (pair,),
        (Claim("FD within 3 %", "upper end <= 1.03", about(1.0), True),),
        (Cost("CPU", 1, 4.0, 20.0, 0.2),),
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
        self.assertEqual(family["coarseToFine"][0]["fdRatio"]["value"], 1.01)
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

    def test_no_file_says_who_writes_it(self):
        with self.assertRaisesRegex(MissingFile, "pretrain.evaluate"):
            read_results(self.path)
