from tito.author.answers import mistake, right


@mistake(
    "logaddexp_rule",
    "Right on paper, but `exp` overflows again, and infinite by infinite is not a number. Take one `exp` of a "
    "difference.",
)
def overflows(grad, out, a, b):
    total = np.exp(a) + np.exp(b)
    return grad * np.exp(a) / total, grad * np.exp(b) / total


@mistake("logaddexp_rule", "The two shares are exchanged: the larger input has the larger share.")
def exchanged(grad, out, a, b):
    return grad * np.exp(b - out), grad * np.exp(a - out)


@mistake("logaddexp_rule", "The gradient of the output is left out: each share has to be multiplied by it.")
def forgets_the_gradient(grad, out, a, b):
    return np.exp(a - out), np.exp(b - out)


@mistake(
    "logaddexp_rule",
    "The difference is the wrong way round. `a - out` is never above 0, so its `exp` is a share; `out - a` is never "
    "below.",
)
def subtracts_the_wrong_way_round(grad, out, a, b):
    return grad * np.exp(out - a), grad * np.exp(out - b)


@mistake(
    "logaddexp_rule",
    "That is the rule of a hard maximum, which gives everything to the larger one. Here both have a share.",
)
def gives_it_to_the_larger(grad, out, a, b):
    return grad * np.greater_equal(a, b), grad * np.less(a, b)


@mistake(
    "logaddexp_rule",
    "The slope of the log is missing: what you have is that of `exp(a) + exp(b)`. Divide by that sum, without computing "
    "it.",
)
def forgets_the_log(grad, out, a, b):
    return grad * np.exp(a), grad * np.exp(b)


@mistake(
    "logaddexp_rule",
    "Two things. Each share has to be multiplied by the gradient of the output; and `exp(a)` by itself overflows. Take "
    "one `exp` of a difference.",
)
def overflows_and_forgets_the_gradient(grad, out, a, b):
    return np.exp(a) / np.exp(out), np.exp(b) / np.exp(out)


@right("logaddexp_rule")
def at_once(grad, out, a, b):
    return grad * np.exp(a - out), grad * np.exp(b - out)


@right("logaddexp_rule")
def only_where_needed(grad, out, a, b):
    return lambda: grad * np.exp(a - out), lambda: grad * np.exp(b - out)
