"""Small changes of the answers: a sample of them is rejected, and what is said of each is right."""

import hashlib
from pathlib import Path

from tito.author.build import read_lessons
from tito.author.mutants import all_mutants, try_out
from tito.workspace import Workspace

LESSONS = read_lessons(Workspace(Path(__file__).parents[2]))
ONE_IN = 100  # of those that `make mutants` tries
SEED = 0


def drawn(mutant):
    """Whether a mutant is in the sample: so that a new one changes nothing for the others."""
    summed = hashlib.sha256(f"{SEED} {mutant.exercise} {mutant.change}".encode()).hexdigest()
    return int(summed, 16) % ONE_IN == 0


def test_a_sample_of_mutants_is_rejected_and_rightly_explained(reference_parent):
    sample = [mutant for mutant in all_mutants(LESSONS) if drawn(mutant)]
    tried = list(try_out(sample, LESSONS, reference_parent / "tinytorch", workers=1))
    assert [mutant for mutant in tried if mutant.passed or mutant.right is False] == []
    assert len(tried) == len(sample) > 5
