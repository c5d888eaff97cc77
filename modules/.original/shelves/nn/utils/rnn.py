"""torch.nn.utils.rnn: sequences of different lengths as one tensor."""

from tinytorch.shelf import fill

fill(
    __name__,
    nn__vectors="pad_sequence",
    nn__recurrent="PackedSequence pack_padded_sequence pad_packed_sequence pack_sequence unpad_sequence unpack_sequence",
)
