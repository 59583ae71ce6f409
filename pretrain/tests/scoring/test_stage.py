"""Scoring and selecting, from a trained run to the files that training reads."""

import argparse
import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from pretrain.data.latents import write_latents
from pretrain.errors import BadSelection, MissingFile
from pretrain.folders import Folders
from pretrain.scoring.evidence import Evidence
from pretrain.scoring.features import block_features
from pretrain.scoring.stage import ZOO, add_stages, score, select_for_zoo
from pretrain.tests.scoring.test_scores import tiny_dit


class Stages(unittest.TestCase):
    def test_a_run_becomes_scores_and_scores_become_the_selections_of_the_zoo(self) -> None:
        torch.manual_seed(0)
        network = tiny_dit(num_classes=8).eval()
        latents, classes = np.random.default_rng(0).standard_normal((48, 3, 8, 8)), np.arange(48) % 8
        with tempfile.TemporaryDirectory() as folder:
            folders = Folders(Path(folder))
            path = folders.work / "latents" / "tiny.npz"
            write_latents(path, latents.astype("f2"), classes, 1.0, "b" * 64)
            with self.assertRaises(MissingFile):
                select_for_zoo(folders, "early")
            state = {
                "config": {"model": {"architecture": "dit", **network.config.as_dict()}},
                "ema": network.state_dict(),
            }
            folders.run("early").mkdir(parents=True)
            torch.save(state, folders.run("early") / "state.pt")
            path = score(folders, "early", "tiny", say=lambda word: None)
            first = Evidence.read(path)
            score(folders, "early", "tiny", say=lambda word: None)  # all chunks are there already
            again = Evidence.read(path)
            for name in ("score_l", "score_g", "features", "dominance"):
                value = getattr(first, name)
                self.assertEqual(len(value), 48)
                self.assertTrue(np.isfinite(value).all())
                np.testing.assert_array_equal(value, getattr(again, name))
            select_for_zoo(folders, "early", say=lambda word: None)
            kept = {}
            for name in ZOO:
                said = json.loads((folders.work / "selections" / f"{name}.json").read_text())
                kept[name] = set(said["indices"])
                self.assertEqual(said["proxy"], first.proxy)
            sizes = {name: len(rows) for name, rows in kept.items()}
            self.assertEqual(sizes.pop("drop-micah"), 42)
            self.assertEqual(set(sizes.values()), {24})
            self.assertEqual(kept["half"] | kept["complement"], set(range(48)))
            self.assertEqual(kept["l"] & kept["l-inverse"], set())
            self.assertEqual(kept["drop-micah"], {row for row in range(48) if row % 8 != 4})


    def test_the_command_line_selects_by_any_criterion_and_names_what_is_wrong(self) -> None:
        parsers: dict[str, argparse.ArgumentParser] = {}

        def add(name: str, run) -> argparse.ArgumentParser:
            parsers[name] = argparse.ArgumentParser()
            parsers[name].add_argument("--work", type=Path)
            parsers[name].set_defaults(run=run)
            return parsers[name]

        add_stages(add)
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            work = Path(folder)
            Evidence("", np.arange(20) % 2).write(work / "scores" / "zoo-early.npz")
            words = f"--work {folder} --criterion random --ratio 0.9 --out few --oversample".split()
            arguments = parsers["select"].parse_args(words)
            self.assertEqual(arguments.run(arguments), 0)
            said = json.loads((work / "selections" / "few.json").read_text())
            self.assertEqual((said["kept"], len(said["indices"])), (2, 20))
            arguments = parsers["select"].parse_args(["--work", folder, "--criterion", "G"])
            with self.assertRaises(BadSelection):
                arguments.run(arguments)
            self.assertFalse((work / "selections" / "g-0.5.json").exists())


class Features(unittest.TestCase):
    def test_they_are_unit_means_over_tokens_after_the_middle_block_in_every_batch_size(self) -> None:
        network = tiny_dit(depth=3).eval()
        x1, y, noise = torch.randn(5, 3, 8, 8), torch.tensor([0, 1, 2, 0, 1]), torch.randn(3, 8, 8)
        with torch.no_grad():
            tokens = network.patch_embed(0.4 * noise + 0.6 * x1)
            c = network.condition(torch.full((5,), 0.6), y)
            tokens = network.blocks[1](network.blocks[0](tokens, c), c)
        want = torch.nn.functional.normalize(tokens.mean(1))
        for batch in (2, 5):
            got = block_features(network, x1, y, noise, batch=batch)
            np.testing.assert_allclose(got, want, atol=1e-5)
        self.assertEqual(len(network.blocks[1]._forward_hooks), 0)


if __name__ == "__main__":
    unittest.main()
