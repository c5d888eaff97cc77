# ruff: noqa: F821

from tito.author.answers import mistake, right


@mistake(
    "record",
    "The node holds the tensor, and the tensor holds the node: a cycle, whose memory is not freed when you let go of "
    "it. The node needs only the array of the result.",
)
def keeps_the_tensor(self, op, *inputs, **options):
    result = super().apply(op, *inputs, **options)
    if _recording and result.dtype.kind == "f":
        if any(isinstance(x, Tensor) and x.requires_grad for x in inputs):
            result.node = Node(op, inputs, result, options)
            result.requires_grad = True
    return result


@mistake(
    "record",
    "The inputs are noted as arrays. An array does not know how it was made, so there is no way on from here: note "
    "the inputs as they came in.",
)
def keeps_arrays(self, op, *inputs, **options):
    result = super().apply(op, *inputs, **options)
    if _recording and result.dtype.kind == "f":
        if any(isinstance(x, Tensor) and x.requires_grad for x in inputs):
            result.node = Node(op, tuple(unwrap(x) for x in inputs), result.data, options)
            result.requires_grad = True
    return result


@mistake(
    "record",
    "Only `self` is asked whether it requires a gradient. `self` is just the tensor that happens to run the "
    "operation; any of the inputs may be the one.",
)
def asks_self(self, op, *inputs, **options):
    result = super().apply(op, *inputs, **options)
    if _recording and result.dtype.kind == "f" and self.requires_grad:
        result.node = Node(op, inputs, result.data, options)
        result.requires_grad = True
    return result


@mistake(
    "record",
    "You record only if every tensor among the inputs requires a gradient. One is enough: somebody will want its "
    "gradient.",
)
def asks_for_all(self, op, *inputs, **options):
    result = super().apply(op, *inputs, **options)
    tensors = [x for x in inputs if isinstance(x, Tensor)]
    if _recording and result.dtype.kind == "f" and tensors and all(x.requires_grad for x in tensors):
        result.node = Node(op, inputs, result.data, options)
        result.requires_grad = True
    return result


@mistake(
    "record",
    "Comparisons and positions are recorded too. Bools and integers jump, so they have no slope: look at the dtype of "
    "the result.",
)
def records_bools_too(self, op, *inputs, **options):
    result = super().apply(op, *inputs, **options)
    if _recording and any(isinstance(x, Tensor) and x.requires_grad for x in inputs):
        result.node = Node(op, inputs, result.data, options)
        result.requires_grad = True
    return result


@mistake("record", "The switch is not looked at: inside `no_grad()` you still record.")
def ignores_the_switch(self, op, *inputs, **options):
    result = super().apply(op, *inputs, **options)
    if result.dtype.kind == "f" and any(isinstance(x, Tensor) and x.requires_grad for x in inputs):
        result.node = Node(op, inputs, result.data, options)
        result.requires_grad = True
    return result


@mistake(
    "record",
    "The result gets its node, but does not require a gradient itself. So the next operation on it is not recorded, "
    "and the way back ends there.",
)
def forgets_to_pass_it_on(self, op, *inputs, **options):
    result = super().apply(op, *inputs, **options)
    if _recording and result.dtype.kind == "f":
        if any(isinstance(x, Tensor) and x.requires_grad for x in inputs):
            result.node = Node(op, inputs, result.data, options)
    return result


@mistake(
    "record",
    "Everything is recorded, wanted or not. Data that requires no gradient would drag its whole past along.",
)
def records_everything(self, op, *inputs, **options):
    result = super().apply(op, *inputs, **options)
    if _recording and result.dtype.kind == "f":
        result.node = Node(op, inputs, result.data, options)
        result.requires_grad = True
    return result


@mistake("record", "The node does not get the options. The rule of a sum will want to know its axis.")
def forgets_the_options(self, op, *inputs, **options):
    result = super().apply(op, *inputs, **options)
    if _recording and result.dtype.kind == "f":
        if any(isinstance(x, Tensor) and x.requires_grad for x in inputs):
            result.node = Node(op, inputs, result.data, {})
            result.requires_grad = True
    return result


@mistake(
    "record",
    "An input may be a number or an array, and those have no `requires_grad`. Ask `isinstance(x, Tensor)` first.",
)
def asks_numbers_too(self, op, *inputs, **options):
    result = super().apply(op, *inputs, **options)
    if _recording and any(x.requires_grad for x in inputs) and result.dtype.kind == "f":
        result.node = Node(op, inputs, result.data, options)
        result.requires_grad = True
    return result


@mistake(
    "record",
    "Module 01's `apply` gets all inputs as one tuple, and the options as one more input. Hand them on as they came: "
    "`*inputs, **options`.",
)
def hands_on_the_tuple(self, op, *inputs, **options):
    result = super().apply(op, inputs, options)
    if _recording and any(isinstance(x, Tensor) and x.requires_grad for x in inputs) and result.dtype.kind == "f":
        result.node = Node(op, inputs, result.data, options)
        result.requires_grad = True
    return result


@mistake(
    "record",
    'Only float32 is recorded: a dtype equal to "f" is that one. float64 holds floats as well; ask for `dtype.kind`.',
)
def knows_only_float32(self, op, *inputs, **options):
    result = super().apply(op, *inputs, **options)
    if _recording and any(isinstance(x, Tensor) and x.requires_grad for x in inputs) and result.dtype == "f":
        result.node = Node(op, inputs, result.data, options)
        result.requires_grad = True
    return result


@right("record")
def returns_early(self, op, *inputs, **options):
    out = tensor.Tensor.apply(self, op, *inputs, **options)
    if not _recording or not np.issubdtype(out.dtype, np.floating):
        return out
    wanted = [getattr(x, "requires_grad", False) for x in inputs]
    if any(wanted):
        out.requires_grad = True
        out.node = Node(op=op, inputs=inputs, out=out.data, options=options)
    return out


@right("record")
def with_any(self, op, *inputs, **options):
    result = super().apply(op, *inputs, **options)
    wanted = any(isinstance(x, Tensor) and x.requires_grad for x in inputs)
    if is_grad_enabled() and wanted and result.dtype.kind == "f":
        result.node = Node(op, inputs, result.numpy(), options)
        result.requires_grad = True
    return result
