"""The running averages of batch normalisation go a share of the way to each batch's mean and variance."""

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.layers import BatchNorm1d, BatchNorm2d
from tito.testing import assert_close, on_student_side, sizes


@on_student_side
def tracked(layer, batches, train=True):
    """The running mean, variance and count after these batches, in training or in use."""
    layer.train(train)
    for batch in batches:
        layer(Tensor(batch, np.float32))
    return layer.running_mean.array, layer.running_var.array, layer.num_batches_tracked.tolist()


@on_student_side
def batch_after(layer, batch):
    batch = np.array(batch, np.float32)
    layer._track(batch, (0, *range(2, batch.ndim)))
    return batch


def by_hand(batches, momentum):
    """The averages after these batches, each (n, channels, ...)."""
    mean, var = 0, 1
    for batch in batches:
        flat = np.moveaxis(np.asarray(batch, float), 1, 0).reshape(np.shape(batch)[1], -1)
        mean = (1 - momentum) * mean + momentum * flat.mean(axis=1)
        var = (1 - momentum) * var + momentum * flat.var(axis=1, ddof=1)
    return mean, var


def test_they_go_a_tenth_of_the_way(rng):
    mean, var, _ = tracked(BatchNorm1d(1), [[[1], [3]]])
    assert_close(mean, [0.2])
    assert_close(var, [1.1])
    mean, var, _ = tracked(BatchNorm1d(1), [[[1], [3]]] * 2)
    assert_close(mean, [0.38])
    assert_close(var, [1.19])
    batches = rng.uniform(2, 9, (3, 5, 1))
    mean, var, _ = tracked(BatchNorm1d(1), batches)
    assert_close(mean, by_hand(batches, 0.1)[0])
    assert_close(var, by_hand(batches, 0.1)[1])


@pytest.mark.parametrize("momentum", [0.0, 0.25, 1.0])
def test_momentum_is_the_share_of_the_batch(momentum, rng):
    momentum = momentum or float(rng.uniform(0.1, 0.9))
    n, channels = sizes(rng, 2)
    batches = rng.uniform(2, 9, (2, n, channels))
    mean, var, _ = tracked(BatchNorm1d(channels, momentum=momentum), batches)
    assert_close(mean, by_hand(batches, momentum)[0])
    assert_close(var, by_hand(batches, momentum)[1])


def test_each_channel_has_its_own(rng):
    mean, var, _ = tracked(BatchNorm1d(2), [[[1, 10], [3, 30]]])
    assert_close(mean, [0.2, 2])
    assert_close(var, [1.1, 20.9])
    n, channels, rows, cols = sizes(rng, 4)
    images, sequences = rng.uniform(2, 9, (2, n, channels, rows, cols)), rng.uniform(2, 9, (2, n, channels, rows))
    for layer, batches in ((BatchNorm2d(channels), images), (BatchNorm1d(channels), sequences)):
        mean, var, _ = tracked(layer, batches)
        assert_close(mean, by_hand(batches, 0.1)[0])
        assert_close(var, by_hand(batches, 0.1)[1])


def test_the_variance_is_over_n_minus_1(rng):
    mean, var, _ = tracked(BatchNorm1d(1, momentum=1.0), [[[1], [3]]])
    assert_close(mean, [2])
    assert_close(var, [2])
    images = rng.uniform(2, 9, (1, 2, 1, 1, 2))
    _, var, _ = tracked(BatchNorm2d(1, momentum=1.0), images)
    assert_close(var, [images.var(ddof=1)])


def test_batches_are_counted(rng):
    for count in (1, int(rng.integers(3, 7))):
        assert tracked(BatchNorm1d(2), rng.uniform(size=(count, 3, 2)))[2] == count


def test_the_batch_stays_as_it_is(rng):
    for batch in ([[1, 10], [3, 30]], rng.uniform(2, 9, (5, 2))):
        assert_close(batch_after(BatchNorm1d(2), batch), np.float32(batch))
        layer = BatchNorm1d(2)
        batch_after(layer, batch)
        assert_close(layer.running_mean, by_hand([batch], 0.1)[0])


def test_they_stay_float32(rng):
    n, channels = sizes(rng, 2)
    mean, var, _ = tracked(BatchNorm1d(channels), rng.uniform(2, 9, (2, n, channels)))
    assert mean.dtype == var.dtype == np.float32
    assert mean.shape == var.shape == (channels,)
