from tito.author.answers import mistake, right


@mistake("remember", "All the inputs are to be noted down, not only the first.")
def only_the_first(self, op, *inputs):
    out = super().apply(op, *inputs)
    out.made_by = op, inputs[:1]
    return out


@right("remember")
def in_another_order(self, op, *inputs):
    # a comment that starts the answer
    out = tensor.Tensor.apply(self, op, *inputs)
    out.made_by = (op, inputs) if recording else None
    return out


@mistake("no_grad", "It stays off when the block fails.")
def without_finally():
    before, recording = recording, False
    yield
    recording = before


@mistake("scale_forward", "That adds the weight.")
def adds(self, x):
    return Tensor(x.data + self.weight.data)


@mistake("twice", "That is once.")
def once(self, x):
    return self.inner(x)
