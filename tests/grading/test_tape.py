"""What a tape of recorded answers earns: most points under the seed that it was made with, fewer under another."""

import pytest

from tito.workspace import Workspace

from .conftest import ROOT
from .tape import MADE_WITH, played

UNDER_ANOTHER = dict.fromkeys(["01", "02", "03", "04", "05", "06", "07", "08", "09", "10"], 0.1)  # of a module's points


@pytest.mark.parametrize("number", UNDER_ANOTHER)
def test_a_tape_is_worth_less_under_another_seed(number):
    module = Workspace(ROOT).module(number)
    same, other = (share(played(module, under=seed)) for seed in (MADE_WITH, 20_261_123))
    assert same > 0.4
    assert other <= UNDER_ANOTHER[number]


def share(report):
    return sum(verdict.earned for verdict in report.exercises) / sum(verdict.points for verdict in report.exercises)
