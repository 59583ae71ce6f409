import tempfile
import unittest
from pathlib import Path

from pretrain.errors import ConfigDoesNotFit
from pretrain.folders import CONFIGS, Folders
from pretrain.pipeline import Pipeline, Step, read_pipeline


class PipelineTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.work = Path(temporary.name)
        self.said = []

    def run_steps(self, *steps, jobs=2):
        return Pipeline(list(steps), Folders(self.work), jobs, 1, self.said.append).run()

    def step(self, name, *needs, command=None):
        """A program that notes its turn and makes its file."""
        shell = command or f"echo {name} >> {self.work}/order; touch {self.work}/{name}"
        return Step(name, f"sh -c '{shell}'", name, needs, program=True)

    def order(self):
        return (self.work / "order").read_text().split()

    def test_a_step_waits_for_what_it_needs(self):
        self.assertTrue(self.run_steps(self.step("a"), self.step("b", "a"), self.step("c", "b")))
        self.assertEqual(self.order(), ["a", "b", "c"])

    def test_what_is_made_is_not_made_again(self):
        self.run_steps(self.step("a"))
        self.assertTrue(self.run_steps(self.step("a"), self.step("b", "a")))
        self.assertEqual(self.order(), ["a", "b"])

    def test_a_step_that_fails_holds_up_only_what_needs_it(self):
        bad = self.step("bad", command="exit 4")
        self.assertFalse(self.run_steps(bad, self.step("after", "bad"), self.step("other")))
        self.assertEqual(self.order(), ["other"])
        self.assertIn("bad did not end well (status 4)", " ".join(self.said))

    def test_a_step_that_ends_well_but_made_nothing_has_failed(self):
        self.assertFalse(self.run_steps(self.step("empty", command="true")))

    def test_chosen_steps_start_when_the_others_that_they_need_are_made(self):
        steps = [self.step("a"), self.step("b", "a"), self.step("c", "b"), self.step("d")]
        only = lambda *names: Pipeline(steps, Folders(self.work), 2, 1, self.said.append, names).run()
        with self.assertRaisesRegex(ConfigDoesNotFit, "what b makes is needed and not there; --only a b c makes all"):
            only("c")
        self.assertFalse((self.work / "order").exists())
        self.assertTrue(only("a"))
        self.assertTrue(only("b", "c"))
        self.assertTrue(only("c"))
        self.assertEqual(self.order(), ["a", "b", "c"])
        with self.assertRaisesRegex(ConfigDoesNotFit, "no step e"):
            only("e")

    def test_the_list_says_what_is_made_and_starts_nothing(self):
        steps = [Step("one", "x", "one.txt"), Step("two", "x", "two.txt", ("one",))]
        (self.work / "one.txt").write_text("")
        Pipeline(steps, Folders(self.work), 1, 1, self.said.append).list()
        self.assertEqual(self.said, ["made    one", "missing two, needs one"])

    def test_needs_that_are_unknown_or_stand_later_are_refused(self):
        path = self.work / "p.toml"
        path.write_text('[[step]]\nname = "a"\ncommand = "x"\nmakes = "a"\nneeds = ["b"]\n')
        with self.assertRaisesRegex(ConfigDoesNotFit, "a needs b"):
            read_pipeline(path)

    def test_the_pipeline_of_avatars_64_reads(self):
        names = [step.name for step in read_pipeline(CONFIGS / "avatars-64.toml")]
        self.assertIn("heavy", names)
