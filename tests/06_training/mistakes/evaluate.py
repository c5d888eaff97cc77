# ruff: noqa: F821

from tito.author.answers import mistake, right


@mistake(
    "evaluate",
    "A mean of means: each batch counts the same, also a last one with few samples. Each must count as often as it has "
    "samples.",
)
def takes_the_mean_of_means(self, data):
    totals, count = {}, 0
    with evaluating(self.model):
        for inputs, targets in data:
            for name, value in self.measure(inputs, targets).items():
                totals[name] = totals.get(name, 0) + value
            count += 1


@mistake(
    "evaluate",
    "The means are added up as if they were sums, and then divided by the number of samples: all results are too "
    "small. A mean times its number of samples is a sum.",
)
def forgets_the_weight(self, data):
    totals, count = {}, 0
    with evaluating(self.model):
        for inputs, targets in data:
            for name, value in self.measure(inputs, targets).items():
                totals[name] = totals.get(name, 0) + value
            count += len(targets)


@mistake(
    "evaluate",
    "The model is measured as it trains: with Dropout at work, drawing random numbers, and recording. `evaluating` is "
    "there for that.",
)
def measures_in_training_mode(self, data):
    totals, count = {}, 0
    for inputs, targets in data:
        for name, value in self.measure(inputs, targets).items():
            totals[name] = totals.get(name, 0) + value * len(targets)
        count += len(targets)


@mistake(
    "evaluate",
    "The model stays in evaluation mode, or it is put into training mode although it was not. `with evaluating(…)` "
    "leaves it as it was.",
)
def switches_by_hand(self, data):
    totals, count = {}, 0
    self.model.eval()
    with no_grad():
        for inputs, targets in data:
            for name, value in self.measure(inputs, targets).items():
                totals[name] = totals.get(name, 0) + value * len(targets)
            count += len(targets)


@mistake(
    "evaluate",
    "Only the last batch counts: what the batches before it gave is written over. Add to what is there.",
)
def keeps_the_last_batch(self, data):
    totals, count = {}, 0
    with evaluating(self.model):
        for inputs, targets in data:
            count = len(targets)
            for name, value in self.measure(inputs, targets).items():
                totals[name] = value * count


@mistake(
    "evaluate",
    "The first time a name comes, it has no total yet, and asking for that is a KeyError. `totals.get(name, 0)` is 0 then.",
)
def expects_a_total(self, data):
    totals, count = {}, 0
    with evaluating(self.model):
        for inputs, targets in data:
            for name, value in self.measure(inputs, targets).items():
                totals[name] += value * len(targets)
            count += len(targets)


@mistake(
    "evaluate",
    "Only the last batch is left of what was measured, while `count` has the samples of all. Add up: a mean times its "
    "number of samples is a sum.",
)
def keeps_the_last_means(self, data):
    totals, count = {}, 0
    with evaluating(self.model):
        for inputs, targets in data:
            totals = self.measure(inputs, targets)
            count += len(targets)


@right("evaluate")
def lists_first(self, data):
    totals, count = {}, 0
    sizes, results = [], []
    with evaluating(self.model):
        for inputs, targets in data:
            sizes.append(len(inputs))
            results.append(self.measure(inputs, targets))
    for size, result in zip(sizes, results):
        count += size
        for name in result:
            if name not in totals:
                totals[name] = 0.0
            totals[name] += size * result[name]
