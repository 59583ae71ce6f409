"""The seam of the paper's loss: which samples it holds, and that its states are those of the inversion."""

import unittest

import torch

from pretrain.data.latents import Latents
from pretrain.flow.inversion import INVERSION_STEPS, invert
from pretrain.models.dit import DiT, DiTConfig
from pretrain.train.experiment import ObjectiveTable, invert_to_seam

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


if __name__ == "__main__":
    unittest.main()
