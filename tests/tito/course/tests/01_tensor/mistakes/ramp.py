from tito.author.answers import mistake


@mistake("ramp", "Counting starts at 0, not at 1.")
def from_1(n):
    return Tensor(range(1, n + 1))
