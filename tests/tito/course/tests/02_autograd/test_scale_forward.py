"""Scale multiplies by its weight."""

from tinytorch.autograd import Scale, Tensor
from tito.testing import assert_close


def test_the_weight_counts():
    layer = Scale(2)
    layer.weight.data[...] = [3, 4]
    assert_close(layer(Tensor([1, 2])), [3, 8])
    assert [p.data.tolist() for p in layer.parameters()] == [[3, 4]]
