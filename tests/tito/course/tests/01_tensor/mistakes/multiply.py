from tito.author.answers import mistake, right


@mistake("multiply", "That adds the values.")
def adds(self, other):
    return self.apply(np.add, self, other)


@right("multiply")
def by_hand(self, other):
    return Tensor(self.data * np.asarray(other))
