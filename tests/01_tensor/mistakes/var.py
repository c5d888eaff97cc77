import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "var",
    "You divide by n, whatever `correction` says. With its default, 1, the divisor is n - 1.",
)
def divides_by_n(self, axis=None, correction=1, keepdims=False):
    apart = self - self.mean(axis=axis, keepdims=True)
    return (apart * apart).mean(axis=axis, keepdims=keepdims)


@mistake("var", "You always divide by n - 1. The 1 is only the default of `correction`.")
def divides_by_n_minus_1(self, axis=None, correction=1, keepdims=False):
    apart = self - self.mean(axis=axis, keepdims=True)
    total = (apart * apart).sum(axis=axis, keepdims=keepdims)
    count = self.size // max(total.size, 1)
    return total / max(count - 1, 0)


@mistake(
    "var",
    "The mean has lost its axis, so it does not stand under its own row: the shapes clash or, for as many rows as "
    "columns, each row silently gets another row's mean.",
)
def forgets_to_keep_the_axis_of_the_mean(self, axis=None, correction=1, keepdims=False):
    apart = self - self.mean(axis=axis)
    total = (apart * apart).sum(axis=axis, keepdims=keepdims)
    count = self.size // max(total.size, 1)
    return total / max(count - correction, 0)


@mistake(
    "var",
    "The mean keeps its axis only if the caller wants it kept in the result. Inside, it must always broadcast against "
    "`self`; the caller's `keepdims` is for the end.",
)
def passes_keepdims_to_the_mean(self, axis=None, correction=1, keepdims=False):
    apart = self - self.mean(axis=axis, keepdims=keepdims)
    total = (apart * apart).sum(axis=axis, keepdims=keepdims)
    count = self.size // max(total.size, 1)
    return total / max(count - correction, 0)


@mistake("var", "The axis stays in the result even if the caller did not ask for it: `keepdims` is theirs to say.")
def always_keeps_the_axis(self, axis=None, correction=1, keepdims=False):
    apart = self - self.mean(axis=axis, keepdims=True)
    total = (apart * apart).sum(axis=axis, keepdims=True)
    count = self.size // max(total.size, 1)
    return total / max(count - correction, 0)


@mistake(
    "var",
    "The distances are measured from the mean of all values. With an axis, each row or column has a mean of its own.",
)
def uses_the_mean_of_all(self, axis=None, correction=1, keepdims=False):
    apart = self - self.mean()
    total = (apart * apart).sum(axis=axis, keepdims=keepdims)
    count = self.size // max(total.size, 1)
    return total / max(count - correction, 0)


@mistake(
    "var",
    "n is taken as the number of all values. With an axis, only some of them went into each sum; `mean` had the same "
    "question.",
)
def counts_all_values(self, axis=None, correction=1, keepdims=False):
    apart = self - self.mean(axis=axis, keepdims=True)
    return (apart * apart).sum(axis=axis, keepdims=keepdims) / max(self.size - correction, 0)


@mistake(
    "var",
    "The mean of the squares minus the square of the mean is right on paper. In float32 both are large and nearly "
    "equal when the values lie far from zero, and what is left of their difference is rounding. Subtract the mean "
    "first.",
)
def subtracts_large_numbers(self, axis=None, correction=1, keepdims=False):
    mean = self.mean(axis=axis, keepdims=keepdims)
    count = self.size // max(mean.size, 1)
    spread = (self * self).mean(axis=axis, keepdims=keepdims) - mean * mean
    if count <= correction:
        return spread * count / 0
    return spread * count / (count - correction)


@mistake("var", "The distances are not squared: values below the mean and above it cancel out.")
def forgets_to_square(self, axis=None, correction=1, keepdims=False):
    apart = self - self.mean(axis=axis, keepdims=True)
    total = apart.sum(axis=axis, keepdims=keepdims)
    count = self.size // max(total.size, 1)
    return total / max(count - correction, 0)


@mistake("var", "That is the standard deviation. The variance is its square: take no root.")
def takes_the_root(self, axis=None, correction=1, keepdims=False):
    apart = self - self.mean(axis=axis, keepdims=True)
    total = (apart * apart).sum(axis=axis, keepdims=keepdims)
    count = self.size // max(total.size, 1)
    return (total / max(count - correction, 0)).sqrt()


@mistake(
    "var",
    "With more correction than values the divisor falls below 0 and the variance comes out negative, which no sum of "
    "squares can be. Stop at 0.",
)
def lets_the_divisor_go_below_0(self, axis=None, correction=1, keepdims=False):
    apart = self - self.mean(axis=axis, keepdims=True)
    total = (apart * apart).sum(axis=axis, keepdims=keepdims)
    count = self.size // max(total.size, 1)
    return total / (count - correction)


@mistake(
    "var",
    "Where too few values are left you divide by 1 instead of 0, and return a number that means nothing. nan says "
    "so honestly.",
)
def divides_by_at_least_1(self, axis=None, correction=1, keepdims=False):
    apart = self - self.mean(axis=axis, keepdims=True)
    total = (apart * apart).sum(axis=axis, keepdims=keepdims)
    count = self.size // max(total.size, 1)
    return total / max(count - correction, 1)


@mistake(
    "var",
    "The values are right, but np.var did it, as an operation of its own. Compose it of operations that are there: "
    "then it needs nothing of its own later on.",
)
def applies_numpys_var(self, axis=None, correction=1, keepdims=False):
    return self.apply(np.var, self, axis=axis, ddof=correction, keepdims=keepdims)


@right("var")
def with_a_power_and_a_ratio(self, axis=None, correction=1, keepdims=False):
    squares = (self - self.mean(axis=axis, keepdims=True)) ** 2
    total = squares.sum(axis=axis, keepdims=keepdims)
    n = self.size / total.size if total.size else 1
    return total / max(0, n - correction)


@right("var")
def rescales_the_mean_of_the_squares(self, axis=None, correction=1, keepdims=False):
    apart = self - self.mean(axis, True)
    mean = (apart * apart).mean(axis, keepdims)
    n = self.size // max(mean.size, 1)
    return mean * n / max(n - correction, 0)
