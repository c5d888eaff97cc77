"""Attention and the transformer's layers (Vaswani et al. 2017), composed of operations that are there."""

import math

import numpy as np

from tinytorch.autograd import Tensor, zeros
from tinytorch.layers import Module, Parameter, linear, xavier_uniform_
from tinytorch.nn.activations import gelu, relu, softmax
from tinytorch.nn.containers import ModuleList
from tinytorch.nn.parts import Dropout, LayerNorm, Linear, dropout


class MultiheadAttention(Module):
    """Attention in several heads: query (q, n, embed_dim), key and value (k, n, embed_dim) -> (q, n, embed_dim).

    With `batch_first` n comes first. In masks of bools True bans; masks of floats are added. Also gives the weights,
    averaged over the heads, unless need_weights is False. Keys and values of other sizes, `kdim` and `vdim`, have
    weights of their own. A single sequence may come without n.
    """

    def __init__(
        self,
        embed_dim,
        num_heads,
        dropout=0.0,
        bias=True,
        add_bias_kv=False,
        add_zero_attn=False,
        kdim=None,
        vdim=None,
        batch_first=False,
    ):
        if add_bias_kv or add_zero_attn:
            raise ValueError("keys and values are those given: no add_bias_kv, no add_zero_attn")
        if embed_dim % num_heads:
            raise ValueError(f"{embed_dim} values cannot be put into {num_heads} heads")
        self.embed_dim, self.num_heads, self.dropout, self.batch_first = (
            embed_dim,
            num_heads,
            dropout,
            batch_first,
        )
        self.head_dim = embed_dim // num_heads
        sizes = embed_dim, kdim or embed_dim, vdim or embed_dim
        _, self.kdim, self.vdim = sizes
        if set(sizes) == {embed_dim}:
            self.in_proj_weight = xavier_uniform_(Parameter(zeros(3 * embed_dim, embed_dim)))
        else:
            self.in_proj_weight = None
            for name, size in zip("qkv", sizes):
                weight = xavier_uniform_(Parameter(zeros(embed_dim, size)))
                setattr(self, f"{name}_proj_weight", weight)
        self.in_proj_bias = Parameter(zeros(3 * embed_dim)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias)
        if bias:
            self.out_proj.bias.array[...] = 0

    def forward(
        self,
        query,
        key,
        value,
        key_padding_mask=None,
        need_weights=True,
        attn_mask=None,
        average_attn_weights=True,
        is_causal=False,
    ):
        if query.ndim == 2:
            places = (x.unsqueeze(0 if self.batch_first else 1) for x in (query, key, value))
            padding = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
            out, weights = self.forward(
                *places, padding, need_weights, attn_mask, average_attn_weights
            )
            out = out.squeeze(0 if self.batch_first else 1)
            return out, None if weights is None else weights.squeeze(0)
        if not self.batch_first:
            query, key, value = (x.transpose(0, 1) for x in (query, key, value))
        if self.in_proj_weight is None:
            weights = self.q_proj_weight, self.k_proj_weight, self.v_proj_weight
        else:
            weights = self.in_proj_weight.chunk(3)
        biases = [None] * 3 if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
        q, k, v = (
            linear(x, w, b)
            .unflatten(-1, (self.num_heads, -1))
            .transpose(1, 2)  # (n, heads, length, size)
            for x, w, b in zip((query, key, value), weights, biases)
        )
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        if attn_mask is not None:
            attn_mask = (
                attn_mask.unflatten(0, (-1, self.num_heads)) if attn_mask.ndim == 3 else attn_mask
            )
            scores = _masked(scores, attn_mask)
        if key_padding_mask is not None:
            scores = _masked(scores, key_padding_mask.unsqueeze(1).unsqueeze(1))
        weights = softmax(scores, dim=-1)
        out = (dropout(weights, self.dropout, self.training) @ v).transpose(1, 2).flatten(2)
        out = self.out_proj(out)
        out = out if self.batch_first else out.transpose(0, 1)
        if not need_weights:
            return out, None
        return out, weights.mean(1) if average_attn_weights else weights


def _masked(scores, mask):
    return scores.masked_fill(mask, -math.inf) if mask.dtype == np.bool_ else scores + mask


class _TransformerLayer(Module):
    crossing = False  # whether it also attends to a second sequence

    def __init__(
        self, d_model, nhead, dim_feedforward=2048, dropout=0.1, activation="relu", layer_norm_eps=1e-5,
        batch_first=False, norm_first=False, bias=True,
    ):  # fmt: skip
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first)
        if self.crossing:
            self.multihead_attn = MultiheadAttention(
                d_model, nhead, dropout, bias, batch_first=batch_first
            )
        self.linear1 = Linear(d_model, dim_feedforward, bias)
        self.linear2 = Linear(dim_feedforward, d_model, bias)
        for number in range(1, 3 + self.crossing):
            setattr(self, f"norm{number}", LayerNorm(d_model, layer_norm_eps, bias=bias))
            setattr(self, f"dropout{number}", Dropout(dropout))
        self.dropout = Dropout(dropout)
        self.activation = {"relu": relu, "gelu": gelu}.get(activation, activation)
        self.norm_first = norm_first

    def _around(self, x, norm, part):
        """x plus what `part` makes of it, with the norm before or behind."""
        return x + part(norm(x)) if self.norm_first else norm(x + part(x))

    def _attend(self, attention, drop, other=None, **masks):
        return lambda x: drop(
            attention(x, *[x if other is None else other] * 2, need_weights=False, **masks)[0]
        )

    def _feed(self, drop):
        return lambda x: drop(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerEncoderLayer(_TransformerLayer):
    """Attention of a sequence to itself, then two linear layers; around each a sum and a norm."""

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
        masks = dict(attn_mask=src_mask, key_padding_mask=src_key_padding_mask)
        x = self._around(src, self.norm1, self._attend(self.self_attn, self.dropout1, **masks))
        return self._around(x, self.norm2, self._feed(self.dropout2))


class TransformerDecoderLayer(_TransformerLayer):
    """As the encoder's, with attention to a second sequence, `memory`, in between."""

    crossing = True

    def forward(
        self,
        tgt,
        memory,
        tgt_mask=None,
        memory_mask=None,
        tgt_key_padding_mask=None,
        memory_key_padding_mask=None,
        tgt_is_causal=False,
        memory_is_causal=False,
    ):
        own = dict(attn_mask=tgt_mask, key_padding_mask=tgt_key_padding_mask)
        other = dict(attn_mask=memory_mask, key_padding_mask=memory_key_padding_mask)
        x = self._around(tgt, self.norm1, self._attend(self.self_attn, self.dropout1, **own))
        x = self._around(
            x, self.norm2, self._attend(self.multihead_attn, self.dropout2, memory, **other)
        )
        return self._around(x, self.norm3, self._feed(self.dropout3))


class TransformerEncoder(Module):
    """Copies of a layer, one behind the other."""

    def __init__(self, encoder_layer, num_layers, norm=None, enable_nested_tensor=True):
        import copy

        self.layers = ModuleList(copy.deepcopy(encoder_layer) for _ in range(num_layers))
        self.num_layers, self.norm = num_layers, norm

    def forward(self, x, *others, mask=None, **masks):
        masks |= {} if mask is None else {"src_mask": mask}
        if others and not isinstance(
            self.layers[0], TransformerDecoderLayer
        ):  # the mask, by position
            masks["src_mask"], others = others[0], others[1:]
        for layer in self.layers:
            x = layer(x, *others, **masks)
        return x if self.norm is None else self.norm(x)


class TransformerDecoder(TransformerEncoder):
    """Copies of a layer, one behind the other."""


class Transformer(Module):
    """An encoder of one sequence, and a decoder of another that attends to it (Vaswani et al. 2017)."""

    def __init__(
        self, d_model=512, nhead=8, num_encoder_layers=6, num_decoder_layers=6, dim_feedforward=2048, dropout=0.1,
        activation="relu", layer_norm_eps=1e-5, batch_first=False, norm_first=False, bias=True,
    ):  # fmt: skip
        options = (
            d_model,
            nhead,
            dim_feedforward,
            dropout,
            activation,
            layer_norm_eps,
            batch_first,
            norm_first,
            bias,
        )
        norms = [LayerNorm(d_model, layer_norm_eps, bias=bias) for _ in range(2)]
        self.encoder = TransformerEncoder(
            TransformerEncoderLayer(*options), num_encoder_layers, norms[0]
        )
        self.decoder = TransformerDecoder(
            TransformerDecoderLayer(*options), num_decoder_layers, norms[1]
        )
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first
        for p in self.parameters():
            if p.ndim > 1:
                xavier_uniform_(p)

    def forward(
        self, src, tgt, src_mask=None, tgt_mask=None, memory_mask=None, src_key_padding_mask=None,
        tgt_key_padding_mask=None, memory_key_padding_mask=None,
    ):  # fmt: skip
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask)
        masks = dict(
            tgt_mask=tgt_mask, memory_mask=memory_mask, tgt_key_padding_mask=tgt_key_padding_mask
        )
        return self.decoder(tgt, memory, memory_key_padding_mask=memory_key_padding_mask, **masks)

    @staticmethod
    def generate_square_subsequent_mask(sz, device=None, dtype=np.float32):
        """What is added to scores so that no place attends to one behind it: -inf there, 0 elsewhere."""
        return Tensor.wrap(np.triu(np.full((sz, sz), -math.inf, dtype), 1))
