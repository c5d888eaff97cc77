"""Recurrent layers, from their equations: RNN, LSTM, GRU and their cells."""

import math

import numpy as np

from tinytorch.autograd import Tensor, rand, zeros
from tinytorch.layers import Module, Parameter, linear, relu, sigmoid, tanh
from tinytorch.nn.parts import dropout, pad
from tinytorch.nn.vectors import pad_sequence
from tinytorch.operations import cat, stack, where
from tinytorch.tensor import unwrap


class PackedSequence:
    """Sequences of different lengths for a recurrent layer, which stops in each at its end.

    `padded` is (longest, n, ...), `lengths` an array.
    """

    def __init__(self, padded, lengths):
        self.padded, self.lengths = padded, np.array([int(length) for length in lengths])

    @property
    def batch_sizes(self):
        """How many sequences go on at each time."""
        return Tensor.wrap((np.arange(len(self.padded))[:, None] < self.lengths).sum(1))

    @property
    def data(self):
        """What the sequences hold at each time, one time after the other; the longest sequences first."""
        rows = [self.padded[:, i] for i in np.argsort(-self.lengths, kind="stable").tolist()]
        sizes = self.batch_sizes.tolist()
        return cat([stack([row[t] for row in rows[:n]]) for t, n in enumerate(sizes)])


def pack_padded_sequence(input, lengths, batch_first=False, enforce_sorted=True):
    """Say where each of the padded sequences ends."""
    padded, lengths = input.transpose(0, 1) if batch_first else input, unwrap(lengths)
    if enforce_sorted and (np.diff(lengths) > 0).any():
        raise RuntimeError(
            "the lengths are not sorted, the longest first: sort, or enforce_sorted=False"
        )
    return PackedSequence(padded.narrow(0, 0, int(max(lengths))), lengths)


def pack_sequence(sequences, enforce_sorted=True):
    """Sequences of different lengths, packed."""
    lengths = np.array([len(x) for x in sequences])
    return pack_padded_sequence(pad_sequence(sequences), lengths, False, enforce_sorted)


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    """The sequences that were padded, a list."""
    x = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [row[: int(length)] for row, length in zip(x, lengths)]


def unpack_sequence(packed_sequences):
    """The sequences that were packed, a list."""
    return unpad_sequence(*pad_packed_sequence(packed_sequences))


def pad_packed_sequence(sequence, batch_first=False, padding_value=0.0, total_length=None):
    """The padded sequences, and their lengths."""
    padded, lengths = sequence.padded, sequence.lengths
    more = (total_length or len(padded)) - len(padded)
    padded = pad(padded, (0, 0) * (padded.ndim - 1) + (0, more))
    if padding_value:
        inside = np.arange(len(padded))[:, None] < lengths
        padded = where(
            inside.reshape(*inside.shape, *[1] * (padded.ndim - 2)), padded, padding_value
        )
    return padded.transpose(0, 1) if batch_first else padded, Tensor.wrap(lengths)


def _where(inside, new, old):
    """The new state where a sequence has not ended, else the old one."""
    if isinstance(new, tuple):
        return tuple(where(inside, *pair) for pair in zip(new, old))
    return where(inside, new, old)


_BENT = {"tanh": tanh, "relu": relu}


def _known(nonlinearity):
    if nonlinearity not in _BENT:
        raise ValueError(f'nonlinearity is "tanh" or "relu", not {nonlinearity!r}')
    return nonlinearity


class _Cell(Module):
    """One step in time: an input (n, input_size) and a state (n, hidden_size) give the next state."""

    gates = 1

    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh"):
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        self.nonlinearity = _known(nonlinearity)
        bound = 1 / math.sqrt(hidden_size)
        for name, shape in _shapes(self.gates, input_size, hidden_size, bias).items():
            setattr(self, name, Parameter((2 * rand(*shape) - 1) * bound))

    def forward(self, input, state=None):
        if input.ndim == 1:
            return _first(self.forward(input.unsqueeze(0), _batched(state)))
        weights = (
            getattr(self, name, None) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        return self.step(input, self.start(len(input)) if state is None else state, *weights)

    def start(self, n):
        """The state before the first step: zeros."""
        return zeros(n, self.hidden_size)


def _batched(state):
    if isinstance(state, tuple):
        return tuple(part.unsqueeze(0) for part in state)
    return None if state is None else state.unsqueeze(0)


def _first(state):
    return (
        tuple(part.squeeze(0) for part in state) if isinstance(state, tuple) else state.squeeze(0)
    )


def _shapes(gates, input_size, hidden_size, bias):
    rows = gates * hidden_size
    shapes = {"weight_ih": (rows, input_size), "weight_hh": (rows, hidden_size)}
    return shapes | ({"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {})


class RNNCell(_Cell):
    """tanh(W x + b + V h + c) (Elman 1990)."""

    def step(self, x, h, w, v, b, c):
        """The next state."""
        return _BENT[self.nonlinearity](linear(x, w, b) + linear(h, v, c))


class GRUCell(_Cell):
    """A state that gates let through or renew (Cho et al. 2014)."""

    gates = 3

    def step(self, x, h, w, v, b, c):
        """The next state."""
        (xr, xz, xn), (hr, hz, hn) = linear(x, w, b).chunk(3, 1), linear(h, v, c).chunk(3, 1)
        r, z = sigmoid(xr + hr), sigmoid(xz + hz)
        n = tanh(xn + r * hn)
        return n + z * (h - n)


class LSTMCell(_Cell):
    """A state and a memory that gates write, keep and show (Hochreiter & Schmidhuber 1997)."""

    gates = 4

    def step(self, x, state, w, v, b, c):
        """The next state and memory."""
        h, memory = state
        i, f, g, o = (linear(x, w, b) + linear(h, v, c)).chunk(4, 1)
        memory = sigmoid(f) * memory + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(memory), memory

    def start(self, n):
        """The state and memory before the first step: zeros."""
        return zeros(n, self.hidden_size), zeros(n, self.hidden_size)


class _Recurrent(Module):
    """A cell over a sequence (length, n, input_size), perhaps in layers and both ways; gives all states and the last.

    With `batch_first` the sequence is (n, length, input_size). The last states are (layers * directions, n, hidden_size).
    """

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        batch_first=False,
        dropout=0.0,
        bidirectional=False,
        nonlinearity="tanh",
        proj_size=0,
    ):
        if proj_size:
            raise ValueError(
                "states have the size hidden_size here: proj_size=0, and a Linear behind"
            )
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout, self.bidirectional = (
            bias,
            batch_first,
            dropout,
            bidirectional,
        )
        self.nonlinearity = _known(nonlinearity)
        bound = 1 / math.sqrt(hidden_size)
        for layer in range(num_layers):
            for end in ("", "_reverse")[: 1 + bidirectional]:
                into = hidden_size * (1 + bidirectional) if layer else input_size
                for name, shape in _shapes(self.cell.gates, into, hidden_size, bias).items():
                    setattr(
                        self, f"{name}_l{layer}{end}", Parameter((2 * rand(*shape) - 1) * bound)
                    )

    def forward(self, input, state=None):
        if isinstance(input, PackedSequence):
            out, last = self._through(input.padded, state, input.lengths)
            return PackedSequence(out, input.lengths), last
        if input.ndim == 2:
            parts = state if isinstance(state, tuple) else (state,)
            parts = tuple(None if part is None else part.unsqueeze(1) for part in parts)
            dim = 0 if self.batch_first else 1
            out, last = self.forward(
                input.unsqueeze(dim), parts if isinstance(state, tuple) else parts[0]
            )
            return out.squeeze(dim), tuple(x.squeeze(1) for x in last) if isinstance(
                last, tuple
            ) else last.squeeze(1)
        out, last = self._through(input.transpose(0, 1) if self.batch_first else input, state)
        return (out.transpose(0, 1) if self.batch_first else out), last

    def _through(self, x, state, lengths=None):
        """All states (length, n, ...) and the last ones, of sequences that end at these lengths."""
        places = [
            (layer, end)
            for layer in range(self.num_layers)
            for end in ("", "_reverse")[: 1 + self.bidirectional]
        ]
        if state is None:
            states = [self.cell.start(self, x.shape[1]) for _ in places]
        else:
            states = [
                tuple(s[i] for s in state) if isinstance(state, tuple) else state[i]
                for i in range(len(places))
            ]
        last = []
        for layer in range(self.num_layers):
            outs = []
            for end in ("", "_reverse")[: 1 + self.bidirectional]:
                h = states[places.index((layer, end))]
                names = (
                    f"{n}_l{layer}{end}" for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                )
                weights = [getattr(self, name, None) for name in names]
                hs = []
                for t in range(len(x))[:: -1 if end else 1]:
                    new = self.cell.step(self, x[t], h, *weights)
                    inside = None if lengths is None else (lengths > t)[:, None]
                    h = new if inside is None else _where(inside, new, h)
                    shown = h[0] if isinstance(h, tuple) else h
                    hs.append(shown if inside is None else where(inside, shown, 0.0))
                outs.append(stack(hs[:: -1 if end else 1]))
                last.append(h)
            x = outs[0] if len(outs) == 1 else cat(outs, 2)
            if layer < self.num_layers - 1:
                x = dropout(x, self.dropout, self.training)
        last = (
            tuple(stack(part) for part in zip(*last)) if isinstance(last[0], tuple) else stack(last)
        )
        return x, last

    def flatten_parameters(self):
        """Nothing: there is nothing to be laid out anew."""

    def extra_repr(self):
        return f"{self.input_size}, {self.hidden_size}" + (
            f", num_layers={self.num_layers}" if self.num_layers > 1 else ""
        )


class RNN(_Recurrent):
    __doc__ = _Recurrent.__doc__
    cell = RNNCell


class GRU(_Recurrent):
    __doc__ = _Recurrent.__doc__
    cell = GRUCell


class LSTM(_Recurrent):
    """As the others; the last states are a pair, states and memories."""

    cell = LSTMCell
