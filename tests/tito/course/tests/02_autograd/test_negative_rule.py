"""The rule of -a."""

from tinytorch.autograd import negative_rule


def test_the_sign_turns():
    assert negative_rule(3.0, -2.0, 2.0) == (-3,)
