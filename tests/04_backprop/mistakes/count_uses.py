# ruff: noqa: F821
from tito.author.answers import mistake, right


@mistake(
    "count_uses",
    "Right for short records, but the function calls itself for each operation, and Python allows about a thousand "
    "calls inside each other. Keep a list of what is still to be looked at.",
)
def calls_itself(root):
    uses = {root.node or root: 0}

    def look(node):
        for x in node.inputs or ():
            if isinstance(x, Tensor) and x.requires_grad:
                source = x.node or x
                if source in uses:
                    uses[source] += 1
                else:
                    uses[source] = 1
                    if x.node:
                        look(x.node)

    if root.node:
        look(root.node)
    return uses


@mistake(
    "count_uses",
    "An operation is put on the list each time it is met, so it is looked at once for each path, and its inputs are "
    "counted once for each path too. Put it there only when it is new.",
)
def looks_again_and_again(root):
    uses = {root.node or root: 0}
    found = [root.node] if root.node else []
    while found:
        for x in found.pop().inputs or ():
            if isinstance(x, Tensor) and x.requires_grad:
                source = x.node or x
                uses[source] = uses.get(source, 0) + 1
                if x.node:
                    found.append(x.node)
    return uses


@mistake(
    "count_uses",
    "In `x * x` one operation reads `x` twice, and sends back two parts. You count it once: a set of inputs forgets "
    "how often each is there.",
)
def counts_readers(root):
    uses = {root.node or root: 0}
    found = [root.node] if root.node else []
    while found:
        for x in set(y for y in found.pop().inputs or () if isinstance(y, Tensor) and y.requires_grad):
            source = x.node or x
            if source in uses:
                uses[source] += 1
            else:
                uses[source] = 1
                if x.node:
                    found.append(x.node)
    return uses


@mistake(
    "count_uses",
    "A source that is met for the first time has been read once already, not 0 times. Only the result starts at 0.",
)
def starts_every_source_at_0(root):
    uses = {root.node or root: 0}
    found = [root.node] if root.node else []
    while found:
        for x in found.pop().inputs or ():
            if isinstance(x, Tensor) and x.requires_grad:
                source = x.node or x
                if source in uses:
                    uses[source] += 1
                else:
                    uses[source] = 0
                    if x.node:
                        found.append(x.node)
    return uses


@mistake(
    "count_uses",
    "The result itself is counted as read once. Nobody reads it: the gradient that it starts with does not come from "
    "an operation.",
)
def counts_the_result_as_read(root):
    uses = {root.node or root: 1}
    found = [root.node] if root.node else []
    while found:
        for x in found.pop().inputs or ():
            if isinstance(x, Tensor) and x.requires_grad:
                source = x.node or x
                if source in uses:
                    uses[source] += 1
                else:
                    uses[source] = 1
                    if x.node:
                        found.append(x.node)
    return uses


@mistake(
    "count_uses",
    "Tensors that require no gradient are counted too. No part of a gradient ever goes to them, so nobody should wait "
    "for one.",
)
def counts_constants(root):
    uses = {root.node or root: 0}
    found = [root.node] if root.node else []
    while found:
        for x in found.pop().inputs or ():
            if isinstance(x, Tensor):
                source = x.node or x
                if source in uses:
                    uses[source] += 1
                else:
                    uses[source] = 1
                    if x.node:
                        found.append(x.node)
    return uses


@mistake(
    "count_uses",
    "Only operations are counted, and no leaves. The engine waits for all parts of a leaf's gradient too: the source "
    "of a leaf is the leaf itself.",
)
def forgets_the_leaves(root):
    uses = {root.node or root: 0}
    found = [root.node] if root.node else []
    while found:
        for x in found.pop().inputs or ():
            if isinstance(x, Tensor) and x.node:
                if x.node in uses:
                    uses[x.node] += 1
                else:
                    uses[x.node] = 1
                    found.append(x.node)
    return uses


@mistake(
    "count_uses",
    "The dictionary has tensors as keys. A gradient is on its way to the operation that made the tensor, `x.node`, and "
    "only for a leaf to the tensor.",
)
def counts_tensors(root):
    uses = {root: 0}
    found = [root.node] if root.node else []
    while found:
        for x in found.pop().inputs or ():
            if isinstance(x, Tensor) and x.requires_grad:
                if x in uses:
                    uses[x] += 1
                else:
                    uses[x] = 1
                    if x.node:
                        found.append(x.node)
    return uses


@mistake(
    "count_uses",
    "A leaf is put on the list as well. No operation made it, so there are no inputs to look at: only operations go there.",
)
def looks_at_leaves(root):
    uses = {root.node or root: 0}
    found = [root.node] if root.node else []
    while found:
        for x in found.pop().inputs or ():
            if isinstance(x, Tensor) and x.requires_grad:
                source = x.node or x
                if source not in uses:
                    uses[source] = 0
                    found.append(source)
                uses[source] += 1
    return uses


@mistake(
    "count_uses",
    "Tensors are put on the list, leaves among them, and a leaf's `node` is None. Put operations there: a tensor's `node`, "
    "if it has one.",
)
def looks_at_tensors(root):
    uses = {root.node or root: 0}
    found = [root]
    while found:
        for x in found.pop().node.inputs or ():
            if isinstance(x, Tensor) and x.requires_grad:
                source = x.node or x
                if source not in uses:
                    uses[source] = 0
                    found.append(x)
                uses[source] += 1
    return uses


@right("count_uses")
def level_by_level(root):
    uses = {root.node or root: 0}
    level = [root]
    while level:
        below = []
        for tensor in level:
            inputs = tensor.node.inputs if tensor.node is not None else None
            for x in inputs or []:
                if isinstance(x, Tensor) and x.requires_grad:
                    source = x if x.node is None else x.node
                    if source not in uses:
                        uses[source] = 0
                        below.append(x)
                    uses[source] += 1
        level = below
    return uses


@right("count_uses")
def with_a_counter(root):
    from collections import Counter

    uses = Counter({root.node or root: 0})
    found = [root]
    while found:
        tensor = found.pop()
        if tensor.node is None or tensor.node.inputs is None:
            continue
        for x in tensor.node.inputs:
            if not isinstance(x, Tensor) or not x.requires_grad:
                continue
            if (x.node or x) not in uses:
                found.append(x)
            uses[x.node or x] += 1
    return dict(uses)
