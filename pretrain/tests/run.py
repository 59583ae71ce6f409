"""All Python tests, with their counts as JSON: `python3 -m pretrain.tests.run [counts.json]`."""

from __future__ import annotations

import json
import sys
import unittest
from pathlib import Path

import torch


def main() -> int:
    torch.set_num_threads(1)  # tiny networks: threads would wait for each other
    suite = unittest.defaultTestLoader.discover("pretrain/tests", top_level_dir=".")
    result = unittest.TextTestRunner(verbosity=1).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    skipped = len(result.skipped)
    counts = {"numPassedTests": result.testsRun - failed - skipped, "numFailedTests": failed}
    counts |= {"numPendingTests": skipped, "numTodoTests": 0}
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(json.dumps(counts) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
