# ruff: noqa: F821

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "apply",
    "`Tensor(result)` has two sides to it that do harm here: it copies, so a view is none any more, and it makes a "
    "plain Tensor whatever class `self` has.",
)
def wraps_with_the_constructor(self, op, *inputs, **options):
    arrays = [unwrap(x) for x in inputs]
    result = op(*arrays, **options)
    if result.dtype == np.float64 and not _float64_asked_for(arrays, options):
        result = result.astype(np.float32)
    return Tensor(result)


@mistake(
    "apply",
    "The class is right, but the result is a copy. A subclass's constructor copies as Tensor's does; there is a way "
    "in that does not.",
)
def wraps_with_the_constructor_of_its_class(self, op, *inputs, **options):
    arrays = [unwrap(x) for x in inputs]
    result = op(*arrays, **options)
    if result.dtype == np.float64 and not _float64_asked_for(arrays, options):
        result = result.astype(np.float32)
    return type(self)(result)


@mistake(
    "apply",
    "The result is always a plain Tensor. When `self` is of a subclass, the result should be too: let `self` do the "
    "wrapping, not the name `Tensor`.",
)
def forgets_the_subclass(self, op, *inputs, **options):
    arrays = [unwrap(x) for x in inputs]
    result = op(*arrays, **options)
    if result.dtype == np.float64 and not _float64_asked_for(arrays, options):
        result = result.astype(np.float32)
    return Tensor.wrap(result)


@mistake("apply", "What comes out is the bare array that NumPy returned. The last step is missing: wrap it.")
def returns_the_array(self, op, *inputs, **options):
    arrays = [unwrap(x) for x in inputs]
    result = op(*arrays, **options)
    if result.dtype == np.float64 and not _float64_asked_for(arrays, options):
        result = result.astype(np.float32)
    return result


@mistake(
    "apply",
    "The step about float64 is missing: integers that are divided come out as float64, and everything computed from "
    "them will be float64 too.",
)
def lets_every_float64_out(self, op, *inputs, **options):
    arrays = [unwrap(x) for x in inputs]
    return self.wrap(op(*arrays, **options))


@mistake(
    "apply",
    "Every float64 becomes float32, even where an input was float64 or `dtype` named it. Who asks for doubles should "
    "get doubles.",
)
def lets_no_float64_out(self, op, *inputs, **options):
    arrays = [unwrap(x) for x in inputs]
    result = op(*arrays, **options)
    if result.dtype == np.float64:
        result = result.astype(np.float32)
    return self.wrap(result)


@mistake(
    "apply",
    "Everything is converted to float32: counts, comparisons and half precision too. Only a float64 result needs a "
    "second look.",
)
def converts_everything_to_float32(self, op, *inputs, **options):
    arrays = [unwrap(x) for x in inputs]
    result = op(*arrays, **options)
    if not _float64_asked_for(arrays, options):
        result = result.astype(np.float32)
    return self.wrap(result)


@mistake(
    "apply",
    "The result takes the dtype of `self`. But the operation decides what comes out: comparing floats gives bools, "
    "dividing integers gives fractions.",
)
def converts_to_the_dtype_of_self(self, op, *inputs, **options):
    arrays = [unwrap(x) for x in inputs]
    result = op(*arrays, **options)
    return self.wrap(result.astype(self.dtype, copy=False))


@mistake(
    "apply",
    "`_float64_asked_for` was not shown the options, so `dtype=np.float64` among them is not heard.",
)
def does_not_look_at_the_options(self, op, *inputs, **options):
    arrays = [unwrap(x) for x in inputs]
    result = op(*arrays, **options)
    if result.dtype == np.float64 and not _float64_asked_for(arrays, {}):
        result = result.astype(np.float32)
    return self.wrap(result)


@mistake(
    "apply",
    "`self` is passed to the operation in front of the inputs. It only lends its class: what the operation gets are "
    "the inputs, among which `self` may stand anywhere or not at all.",
)
def passes_self_as_well(self, op, *inputs, **options):
    arrays = [self.data] + [unwrap(x) for x in inputs[1:]]
    result = op(*arrays, **options)
    if result.dtype == np.float64 and not _float64_asked_for(arrays, options):
        result = result.astype(np.float32)
    return self.wrap(result)


@mistake(
    "apply",
    "The options get lost on the way: `axis=1` was given, and the operation ran without it.",
)
def drops_the_options(self, op, *inputs, **options):
    arrays = [unwrap(x) for x in inputs]
    result = op(*arrays)
    if result.dtype == np.float64 and not _float64_asked_for(arrays, options):
        result = result.astype(np.float32)
    return self.wrap(result)


@mistake(
    "apply",
    "Not every input is a tensor: numbers and arrays have no array in `.data`. `unwrap` knows what to do with each.",
)
def expects_tensors_only(self, op, *inputs, **options):
    arrays = [x.data for x in inputs]
    result = op(*arrays, **options)
    if result.dtype == np.float64 and not _float64_asked_for(arrays, options):
        result = result.astype(np.float32)
    return self.wrap(result)


@mistake(
    "apply",
    "`op` gets all arrays in one list, and makes an array of that. It wants each as an argument of its own: `op(*arrays, "
    "**options)`.",
)
def passes_a_list(self, op, *inputs, **options):
    arrays = [unwrap(x) for x in inputs]
    result = op(arrays, **options)
    if result.dtype == np.float64 and not _float64_asked_for(arrays, options):
        result = result.astype(np.float32)
    return self.wrap(result)


@mistake(
    "apply",
    "`op` gets `self` as an input too. The inputs are those in `inputs`, all of them; `self` only says which class the "
    "result has.",
)
def counts_itself_as_an_input(self, op, *inputs, **options):
    arrays = [self.data, *(unwrap(x) for x in inputs)]
    result = op(*arrays, **options)
    if result.dtype == np.float64 and not _float64_asked_for(arrays, options):
        result = result.astype(np.float32)
    return self.wrap(result)


@right("apply")
def with_map_and_the_type_of_self(self, op, *inputs, **options):
    arrays = tuple(map(unwrap, inputs))
    out = np.asarray(op(*arrays, **options))
    stray = str(out.dtype) == "float64" and not _float64_asked_for(arrays, options)
    return type(self).wrap(out.astype("float32") if stray else out)


@right("apply")
def without_wrap(self, op, *inputs, **options):
    arrays = []
    for x in inputs:
        arrays.append(unwrap(x))
    out = op(*arrays, **options)
    if out.dtype == float and not _float64_asked_for(arrays, options):
        out = np.float32(out)
    new = object.__new__(type(self))
    new.data = np.asarray(out)
    return new
