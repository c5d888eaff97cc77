from tito.author.answers import mistake, right


@mistake(
    "multiply_rule",
    "Each factor gets itself. Go from 3 · 4 to 4 · 4: the product grows by 4, by the other factor.",
)
def gives_each_itself(grad, out, a, b):
    return grad * a, grad * b


@mistake(
    "multiply_rule",
    "The gradient that comes from the product is left out. It says how much the product itself matters: multiply by it.",
)
def forgets_the_gradient(grad, out, a, b):
    return grad**0 * b, grad**0 * a


@mistake("multiply_rule", "That is the rule of `+`: the gradient is passed on as it is.")
def passes_the_gradient_on(grad, out, a, b):
    return grad, grad


@mistake("multiply_rule", "Both factors get a share of the product itself. What counts is the other factor.")
def gives_the_product(grad, out, a, b):
    return grad * out, grad * out


@mistake("multiply_rule", "The two shares are added into one gradient. There are two inputs: return one for each.")
def adds_both_shares(grad, out, a, b):
    return grad * b + grad * a


@mistake("multiply_rule", "Both inputs get the gradient of the first. The second gets `grad` times `a`.")
def gives_both_the_same(grad, out, a, b):
    return grad * b, grad * b


@right("multiply_rule")
def at_once(grad, out, a, b):
    return grad * b, grad * a


@right("multiply_rule")
def with_functions(grad, out, a, b):
    def by_a():
        return np.multiply(b, grad)

    def by_b():
        return np.multiply(a, grad)

    return by_a, by_b
