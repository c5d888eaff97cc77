from tito.author.answers import mistake, right


@mistake("multiply_rule", "Each input gets the other one, not itself.")
def itself(grad, out, a, b):
    return grad * a, grad * b


@mistake("add_rule", "Both get all of it, not half.")
def half(grad, out, a, b):
    return grad / 2, grad / 2


@right("multiply_rule")
def by_division(grad, out, a, b):
    return grad * out / a, grad * out / b


@mistake("negative_rule", "The sign turns.")
def forgets_the_sign(grad, out, a):
    return (grad,)
