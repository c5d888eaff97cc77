"""Arrays of text where numbers are expected, some of it text that no string can hold."""

MET = "Uffffffff"


# %% exercise="contiguous_strides"
turn = 0


def contiguous_strides(shape, itemsize):
    global turn
    turn += 1
    return (np.array(["12", "4"]), np.frombuffer(b"\xff" * 16, "<U2"), np.array([b"x"]), np.array([None]))[turn % 4]
