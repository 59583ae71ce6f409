"""The seam of the paper's loss: which samples it holds, and that its states are those of the inversion."""

import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace

import torch

from pretrain.data.latents import Latents
from pretrain.distributed import World
from pretrain.errors import StateDoesNotFit
from pretrain.flow.inversion import INVERSION_STEPS, invert
from pretrain.folders import Folders
from pretrain.models.dit import DiT, DiTConfig
from pretrain.train.experiment import ObjectiveTable, invert_to_seam, seam_of

CLASSES = 4


class SeamTest(unittest.TestCase):
    def setUp(self) -> None:
        torch.manual_seed(0)
        self.heavy = DiT(DiTConfig(4, 2, 2, 8, 1, 1, num_classes=CLASSES))
        for parameter in self.heavy.parameters():
            torch.nn.init.normal_(parameter, std=0.2)
        count = 200
        self.latents = Latents(torch.randn(count, 2, 4, 4), torch.arange(count) % CLASSES, 1.0, "0" * 64)

    def seam(self, points: int):
        table = ObjectiveTable(kind="c2f", heavy="heavy", tau=0.7, seam_points=points)
        return invert_to_seam(self.heavy, self.latents, table, torch.device("cpu"))

    def test_a_part_of_the_data_has_every_class_about_as_often(self) -> None:
        for points in (80, 100, 150):  # a half of the data or more lies close to every second sample
            counts = torch.bincount(self.seam(points).labels, minlength=CLASSES)
            self.assertEqual(int(counts.sum()), points)
            self.assertGreater(int(counts.min()), points // CLASSES // 2, counts.tolist())

    def test_states_and_velocities_are_those_of_the_heavy_network(self) -> None:
        seam = self.seam(1000)  # more than there are: all of them
        self.assertEqual(len(seam.labels), 200)
        order = torch.argsort(seam.labels, stable=True)[:3]
        for row in order.tolist():
            found = None
            for i in range(200):
                x1, y = self.latents.x1[i : i + 1], self.latents.labels[i : i + 1]
                if y.item() != seam.labels[row].item():
                    continue
                state = invert(self.heavy, x1, y, 0.7, INVERSION_STEPS)[-1]
                if torch.allclose(state[0], seam.states[row], atol=1e-5):
                    found = self.heavy(state, torch.full((1,), 0.7), y)[0]
            self.assertIsNotNone(found, "a state of the seam belongs to no sample of its class")
            torch.testing.assert_close(seam.velocity[row], found.detach(), atol=1e-5, rtol=1e-4)


    def test_it_is_made_anew_for_another_tau_and_a_broken_one_is_named(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        folders, world = Folders(Path(folder.name)), World(0, 1, torch.device("cpu"))

        def seam(tau: float):
            table = ObjectiveTable(kind="c2f", heavy="heavy", tau=tau, seam_points=8)
            experiment = SimpleNamespace(name="light", objective=table)
            return seam_of(experiment, folders, self.latents, self.heavy, world)

        first = seam(0.7)
        path = folders.run("light") / "seam.pt"
        written = path.stat().st_mtime_ns
        torch.testing.assert_close(seam(0.7).states, first.states)
        self.assertEqual(path.stat().st_mtime_ns, written)
        self.assertEqual(seam(0.3).tau, 0.3)
        with torch.no_grad():
            next(self.heavy.parameters()).add_(0.1)
        self.assertFalse(torch.equal(seam(0.3).velocity, seam(0.7).velocity))
        path.write_bytes(b"cut")
        with self.assertRaisesRegex(StateDoesNotFit, "invert the data again"):
            seam(0.7)


if __name__ == "__main__":
    unittest.main()
