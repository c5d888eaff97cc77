"""The reference's attention.py: gradients that hold against measured slopes, nothing from the future, no nan."""

import numpy as np
import pytest


@pytest.fixture(scope="module")
def tt(reference):
    reference.tensor.manual_seed(0)
    return reference


def doubles(tt, rng, *shape):
    return tt.autograd.Tensor(rng.standard_normal(shape), dtype=np.float64, requires_grad=True)


@pytest.mark.parametrize("mask", ["none", "causal", "a row all masked"])
def test_attention_holds_against_measured_slopes(tt, mask):
    rng = np.random.default_rng(0)
    three = [doubles(tt, rng, 2, 2, 4, 3) for _ in range(3)]
    hidden = np.tri(4, dtype=bool)
    hidden[2] = False
    options = {"none": {}, "causal": {"is_causal": True}, "a row all masked": {"attn_mask": hidden}}[mask]
    attention = tt.attention.scaled_dot_product_attention
    assert tt.backprop.gradcheck(lambda q, k, v: attention(q, k, v, **options), three)


def test_a_row_in_which_nothing_is_allowed_gives_zeros_and_no_nan(tt):
    rng = np.random.default_rng(0)
    three = [doubles(tt, rng, 3, 2) for _ in range(3)]
    out = tt.attention.scaled_dot_product_attention(*three, attn_mask=np.zeros((3, 3), bool))
    out.sum().backward()
    assert not out.numpy().any()
    assert not any(np.isnan(x.grad.numpy()).any() for x in three)


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_no_output_depends_on_a_later_input(tt, heads):
    layer = tt.attention.SelfAttention(8, heads)
    x = np.random.default_rng(1).standard_normal((2, 6, 8)).astype(np.float32)
    assert not tt.attention.sees_the_future(layer, tt.autograd.Tensor(x))
    before = layer(tt.autograd.Tensor(x)).numpy()
    for t in range(1, 6):
        other = x.copy()
        other[:, t:] += 100
        np.testing.assert_allclose(layer(tt.autograd.Tensor(other)).numpy()[:, :t], before[:, :t], atol=1e-6)


def test_shapes_and_masks_that_do_not_fit_are_one_sentence(tt):
    Tensor, attention = tt.autograd.Tensor, tt.attention.scaled_dot_product_attention
    q, k = Tensor(np.zeros((2, 3))), Tensor(np.zeros((4, 5)))
    with pytest.raises(ValueError, match="queries and keys must be of one size"):
        attention(q, k, k)
    with pytest.raises(ValueError, match="give it or attn_mask, not both"):
        attention(q, q, q, attn_mask=np.tri(2, dtype=bool), is_causal=True)
    with pytest.raises(ValueError, match="10 features cannot be divided among 4 heads"):
        tt.attention.SelfAttention(10, 4)
    with pytest.raises(ValueError, match="a sequence of 5 is longer than the 4 positions"):
        tt.attention.Positions(4, 2)(Tensor(np.zeros((1, 5, 2))))


def test_float32_stays_float32_there_and_back(tt):
    x = tt.autograd.Tensor(np.ones((1, 3, 4), np.float32), requires_grad=True)
    layer = tt.attention.SelfAttention(4, 2)
    out = layer(x)
    out.sum().backward()
    assert out.dtype == x.grad.dtype == layer.qkv.weight.grad.dtype == np.float32


OPTIONS = [{}, {"is_causal": True}, {"scale": 0.3}, {"mask": True}, {"mask": True, "is_causal": True, "scale": 2.0}]


@pytest.mark.parametrize("options", OPTIONS)
def test_under_pytorchs_name_it_is_this_operation_once_it_is_written(torch, options, monkeypatch):
    """It is recorded as one node, and gives the values and gradients of the composed one, which there is before."""
    parts, rng = torch.nn.parts, np.random.default_rng(0)
    options = dict(options)
    if options.pop("mask", False):
        mask = rng.random((4, 5)) < 0.6
        mask[:, 0] = True
        options["attn_mask"] = torch.Tensor(mask)
    arrays = [rng.standard_normal(shape).astype(np.float32) for shape in ((2, 3, 4, 6), (2, 3, 5, 6), (2, 3, 5, 7))]
    found = []
    for written in (parts.attend, None):
        monkeypatch.setattr(parts, "attend", written)
        leaves = [torch.Tensor(array, requires_grad=True) for array in arrays]
        out = torch.nn.functional.scaled_dot_product_attention(*leaves, **options)
        name = out.node.op.__name__
        assert (name == "attend") == (written is not None)
        (out * torch.Tensor(np.cos(np.arange(out.numel())).reshape(out.shape))).sum().backward()
        found.append([out.numpy(), *(leaf.grad.numpy() for leaf in leaves)])
    for one, other in zip(*found):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_with_dropout_or_a_mask_of_numbers_it_is_composed(torch):
    torch.manual_seed(0)
    x = torch.randn(2, 4, 6)
    attention = torch.nn.functional.scaled_dot_product_attention
    allowed = np.tri(4, dtype=bool)
    added = attention(x, x, x, attn_mask=torch.Tensor(np.where(allowed, 0, -np.inf).astype(np.float32)))
    np.testing.assert_allclose(added.numpy(), attention(x, x, x, is_causal=True).numpy(), rtol=1e-5, atol=1e-6)
    assert abs(attention(x, x, x, dropout_p=0.5).numpy() - attention(x, x, x).numpy()).max() > 0.1
