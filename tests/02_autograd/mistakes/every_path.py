# ruff: noqa: F821

from tito.author.answers import mistake, right


@mistake(
    "every_path",
    "Each arrival writes over the one before. A leaf that was used several times gets only the last share: add.",
)
def keeps_the_last(tensor, grad):
    if tensor.is_leaf:
        tensor.grad = tensor.wrap(grad.copy())
    else:
        for x, g in tensor.node.gradients(grad):
            every_path(x, g)


@mistake(
    "every_path",
    "The first arrival keeps the array that came, and the next is added into it in place. But `+` gave the same array "
    "to another leaf, whose gradient changes with it. Add without writing: `before + grad`.",
)
def adds_in_place(tensor, grad):
    if not tensor.is_leaf:
        for x, g in tensor.node.gradients(grad):
            every_path(x, g)
    elif tensor.grad is None:
        tensor.grad = tensor.wrap(grad)
    else:
        tensor.grad.data += grad


@mistake(
    "every_path",
    "The first array that arrives becomes the gradient as it is. `+` gave the same array to another leaf, so whoever "
    "changes the one gradient changes both: make a new array.",
)
def keeps_the_array(tensor, grad):
    if tensor.is_leaf:
        tensor.grad = tensor.wrap(grad if tensor.grad is None else tensor.grad.data + grad)
    else:
        for x, g in tensor.node.gradients(grad):
            every_path(x, g)


@mistake(
    "every_path",
    "Tensors on the way get a gradient as well. Only leaves keep theirs; for all others it is passed on and forgotten.",
)
def keeps_it_everywhere(tensor, grad):
    tensor.grad = tensor.wrap(grad.copy() if tensor.grad is None else tensor.grad.data + grad)
    if not tensor.is_leaf:
        for x, g in tensor.node.gradients(grad):
            every_path(x, g)


@mistake(
    "every_path",
    "You pass on the gradient that came in, and not the one that the node computed for this input.",
)
def passes_on_what_came(tensor, grad):
    if tensor.is_leaf:
        before = 0 if tensor.grad is None else tensor.grad.data
        tensor.grad = tensor.wrap(before + grad)
    else:
        for x, _ in tensor.node.gradients(grad):
            every_path(x, grad)


@mistake("every_path", "The loop ends after the first input: the others never hear of it.")
def follows_the_first_input(tensor, grad):
    if tensor.is_leaf:
        before = 0 if tensor.grad is None else tensor.grad.data
        tensor.grad = tensor.wrap(before + grad)
    else:
        for x, g in tensor.node.gradients(grad):
            return every_path(x, g)


@mistake(
    "every_path",
    "An input that was used twice is visited once. Each use is a path of its own, and each adds its share.",
)
def visits_each_input_once(tensor, grad):
    if tensor.is_leaf:
        before = 0 if tensor.grad is None else tensor.grad.data
        tensor.grad = tensor.wrap(before + grad)
    else:
        for x, g in dict(tensor.node.gradients(grad)).items():
            every_path(x, g)


@mistake("every_path", "The gradient of a leaf is a tensor, like the leaf; you leave an array there.")
def leaves_an_array(tensor, grad):
    if tensor.is_leaf:
        tensor.grad = grad.copy() if tensor.grad is None else tensor.grad + grad
    else:
        for x, g in tensor.node.gradients(grad):
            every_path(x, g)


@mistake(
    "every_path",
    "You go on behind a leaf. It has no node, and the path ends there: the loop belongs into an `else`.",
)
def goes_on_behind_a_leaf(tensor, grad):
    if tensor.is_leaf:
        before = 0 if tensor.grad is None else tensor.grad.data
        tensor.grad = tensor.wrap(before + grad)
    for x, g in tensor.node.gradients(grad):
        every_path(x, g)


@right("every_path")
def with_a_list_of_what_is_left(tensor, grad):
    left = [(tensor, grad)]
    while left:
        x, g = left.pop()
        if x.node is None:
            x.grad = x.wrap(g.copy() if x.grad is None else x.grad.numpy() + g)
        else:
            left.extend(x.node.gradients(g))


@right("every_path")
def adds_tensors(tensor, grad):
    if tensor.is_leaf:
        arrived = tensor.wrap(grad.copy())
        tensor.grad = arrived if tensor.grad is None else tensor.grad + arrived
        return
    for pair in tensor.node.gradients(grad):
        every_path(*pair)
