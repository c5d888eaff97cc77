# ruff: noqa: F821
from tito.author.answers import mistake, right


@mistake(
    "each_once",
    "The parts are added with `+=`, into an array that another source may hold as well: the rule of `a + b` gives both "
    "inputs the same one. Make a new array with `+`.",
)
def adds_in_place(root, grad, retain_graph=False):
    target = x.node or x
    if target in grads:
        grads[target] += part
    else:
        grads[target] = part
    uses[target] -= 1
    if not uses[target]:
        ready.append(target)


@mistake(
    "each_once",
    "Of several parts only the last one is kept. The gradient of a value that is used several times is the sum of what "
    "comes back from each use.",
)
def overwrites(root, grad, retain_graph=False):
    target = x.node or x
    grads[target] = part
    uses[target] -= 1
    if not uses[target]:
        ready.append(target)


@mistake(
    "each_once",
    "A source is made ready when the first part arrives. It is then visited with part of its gradient, and what comes "
    "later is lost. Count down, and wait for the last part.",
)
def does_not_wait(root, grad, retain_graph=False):
    target = x.node or x
    if target in grads:
        grads[target] = grads[target] + part
    else:
        grads[target] = part
        ready.append(target)


@mistake(
    "each_once",
    "Nothing is ever ready, because the number of missing parts never reaches 0. Each part that arrives is one less to "
    "wait for, the second and third as well.",
)
def counts_down_at_the_first_only(root, grad, retain_graph=False):
    target = x.node or x
    if target in grads:
        grads[target] = grads[target] + part
    else:
        grads[target] = part
        uses[target] -= 1
        if not uses[target]:
            ready.append(target)


@mistake(
    "each_once",
    "A source is ready when no part is missing: 0, and not 1. Like this it is visited one part too early, and a chain "
    "never gets beyond its first operation.",
)
def stops_one_early(root, grad, retain_graph=False):
    target = x.node or x
    grads[target] = grads[target] + part if target in grads else part
    uses[target] -= 1
    if uses[target] == 1:
        ready.append(target)


@mistake(
    "each_once",
    "The values are right, but a leaf is given its parts one by one and is never visited, so its hooks are not called. "
    "Treat a leaf like any source: wait for all parts, then put it on the list.",
)
def serves_leaves_at_once(root, grad, retain_graph=False):
    target = x.node
    if target is None:
        _accumulate(x, part)
    else:
        grads[target] = grads[target] + part if target in grads else part
        uses[target] -= 1
        if not uses[target]:
            ready.append(target)


@mistake(
    "each_once",
    "Each part is sent on by itself, as soon as it arrives: every path once more, and exponential again. Add the parts "
    "up, and visit the operation when none is missing.",
)
def walks_every_path(root, grad, retain_graph=False):
    autograd.every_path(x, part)


@mistake(
    "each_once",
    "What is kept is kept by source, in `grads`, in `uses` and on the list: `x.node or x`. The tensor itself is a key only "
    "if it is a leaf.",
)
def keeps_notes_by_tensor(root, grad, retain_graph=False):
    if x in grads:
        part = grads[x] + part
    grads[x] = part
    uses[x] -= 1
    if not uses[x]:
        ready.append(x)


@mistake(
    "each_once",
    "What is kept is kept by source, in `grads`, in `uses` and on the list: `x.node or x`. The tensor itself is a key only "
    "if it is a leaf.",
)
def makes_the_tensor_ready(root, grad, retain_graph=False):
    target = x.node or x
    if target in grads:
        part = grads[target] + part
    grads[target] = part
    uses[target] -= 1
    if not uses[target]:
        ready.append(x)


@mistake(
    "each_once",
    "A source is put on the list with every part that arrives. It is visited too early, and then once more, when its "
    "gradient has been taken away. Only when no part is missing is it ready.",
)
def is_always_ready(root, grad, retain_graph=False):
    target = x.node or x
    if target in grads:
        part = grads[target] + part
    grads[target] = part
    uses[target] -= 1
    ready.append(target)


@right("each_once")
def with_get(root, grad, retain_graph=False):
    target = x if x.node is None else x.node
    grads[target] = grads.get(target, 0) + part
    uses[target] = uses[target] - 1
    if uses[target] == 0:
        ready.append(target)


@right("each_once")
def oldest_first(root, grad, retain_graph=False):
    target = x.node or x
    before = grads.pop(target, None)
    grads[target] = part if before is None else np.add(before, part)
    if uses[target] > 1:
        uses[target] -= 1
    else:
        ready.insert(0, target)
