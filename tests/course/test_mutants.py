"""Small changes of the answers: a sample of them is rejected, and what is said of each is right."""

import random
from pathlib import Path

from tito.author.build import read_lessons
from tito.author.mutants import all_mutants, try_out
from tito.workspace import Workspace

LESSONS = read_lessons(Workspace(Path(__file__).parents[2]))
MANY = 16  # of `make mutants`, which tries all


def test_a_sample_of_mutants_is_rejected_and_rightly_explained(reference_parent):
    sample = random.Random(0).sample(all_mutants(LESSONS), MANY)
    tried = list(try_out(sample, LESSONS, reference_parent / "tinytorch", workers=1))
    assert [mutant for mutant in tried if mutant.passed or mutant.right is False] == []
    assert len(tried) == MANY and any(mutant.right for mutant in tried)
