"""The bridge: what a test does with a name from `tinytorch` happens in the other process, as if it were this one."""

import copy
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from tito.checker import bridge as bridging
from tito.checker.bridge import Bridge, Died, Exited, Proxy, TimedOut, name
from tito.checker.process import waited_for_a_processor
from tito.testing import Mismatch, assert_close, on_student_side, raises, type_name

PACKAGE = '''
"""A framework in small: what modules 02 to 06 will ask of the bridge."""
import contextlib
from collections import OrderedDict

import numpy as np

recording = True
DERIVATIVES = {}


class ShapeError(ValueError):
    def __init__(self, message, shapes=()):
        super().__init__(message)
        self.shapes = shapes


class Tensor:
    __array_ufunc__ = None

    def __init__(self, data, requires_grad=False, parents=()):
        self.data = np.array(data, np.float32)
        self.requires_grad = requires_grad
        self.grad = None
        self.parents = parents if recording else ()

    def __array__(self, dtype=None, copy=None):
        return self.data

    def __repr__(self):
        return f"Tensor({self.data})"

    def __mul__(self, other):
        return Tensor(self.data * np.asarray(other), parents=[(self, np.asarray(other))])

    __rmul__ = __mul__

    def __add__(self, other):
        return Tensor(self.data + np.asarray(other), parents=[(self, np.float32(1))])

    def __eq__(self, other):
        return Tensor(self.data == np.asarray(other))

    def __hash__(self):
        return id(self)

    def __bool__(self):
        return bool(self.data)

    def __float__(self):
        return float(self.data)

    def __len__(self):
        return len(self.data)

    def __iter__(self):
        return (Tensor(row) for row in self.data)

    def __getitem__(self, index):
        return Tensor(self.data[index])

    def __setitem__(self, index, value):
        self.data[index] = np.asarray(value)

    @property
    def shape(self):
        return self.data.shape

    @classmethod
    def randn(cls, *shape, generator):
        return cls(generator.standard_normal(shape))

    def sum(self):
        return Tensor(self.data.sum(), parents=[(self, np.ones_like(self.data))])

    def backward(self, grad=1):
        self.grad = Tensor(np.asarray(grad) + (0 if self.grad is None else self.grad.data))
        for parent, slope in self.parents:
            parent.backward(np.asarray(grad) * slope)


class no_grad:
    def __enter__(self):
        global recording
        self.before, recording = recording, False

    def __exit__(self, *error):
        global recording
        recording = self.before
        self.error = error[0].__name__ if error[0] else None


@contextlib.contextmanager
def seed(number):
    steps.append(f"in {number}")
    try:
        yield number
    except ValueError as error:
        steps.append(f"failed: {error}")
        raise
    finally:
        steps.append("out")


steps = []


def is_recording():
    return recording


def derivative(op):
    def register(rule):
        DERIVATIVES[op] = rule
        return rule

    return register


@derivative(np.multiply)
def _(grad, out, a, b):
    return grad * b, grad * a


class Module:
    def __call__(self, x):
        return self.forward(x)

    def parameters(self):
        for value in vars(self).values():
            if isinstance(value, Tensor):
                yield value
            elif isinstance(value, Module):
                yield from value.parameters()

    def state_dict(self):
        return {key: value.data for key, value in vars(self).items() if isinstance(value, Tensor)}

    def load_state_dict(self, state):
        for key, value in state.items():
            getattr(self, key).data[...] = value


class Linear(Module):
    """x @ w."""

    def __init__(self, size, generator=None):
        self.weight = Tensor((generator or np.random.default_rng(0)).standard_normal(size), requires_grad=True)

    def forward(self, x):
        return x * self.weight


class SGD:
    def __init__(self, params, lr):
        self.params, self.lr, self.steps = list(params), lr, {}

    def step(self):
        for p in self.params:
            p.data -= self.lr * p.grad.data
            self.steps[p] = self.steps.get(p, 0) + 1


class Loader:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __iter__(self):
        for i in range(self.n):
            yield np.full(2, i), i

    def __contains__(self, item):
        return item < self.n

    def __getitem__(self, i):
        return i

    def __delitem__(self, i):
        self.n -= 1


class Agreeable:
    def __init__(self, answer=True):
        self.answer = answer

    def __eq__(self, other):
        return self.answer

    __ne__ = __lt__ = __ge__ = __eq__


def ordered():
    return OrderedDict(a=Tensor(1), b=Tensor(2))


def total(*tensors, **named):
    return sum(float(t.sum()) for t in [*tensors, *named.values()])


def total_of(collection):
    return total(*(collection.values() if isinstance(collection, dict) else collection))


def apply(function, *inputs):
    return function(*inputs)


def kind_of(value):
    return type(value).__name__


def refuse(*shapes):
    raise ShapeError(f"cannot add {shapes}", shapes)


def missing(key):
    return {}[key]


def loop():
    while True:
        pass


def leave():
    import os

    os._exit(3)


def stop():
    raise SystemExit(0)
'''


def small(path):
    return name("tinytorch.small", path)


Tensor, Module, Linear, SGD, no_grad = map(small, ("Tensor", "Module", "Linear", "SGD", "no_grad"))
apply, kind_of = small("apply"), small("kind_of")


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    parent = tmp_path_factory.mktemp("bridge")
    (parent / "tinytorch").mkdir()
    (parent / "tinytorch/__init__.py").write_text("from tinytorch.small import *\n")
    (parent / "tinytorch/small.py").write_text(PACKAGE)
    with Bridge(parent) as bridge:
        yield bridge


@pytest.fixture(autouse=True)
def bridge(process):
    process.begin(limit=5)
    return process


# state that changes over there


def test_a_gradient_arrives_in_an_attribute():
    x = Tensor([1, 2, 3], requires_grad=True)
    assert x.grad is None and x.requires_grad is True
    y = x * 2
    y.sum().backward()
    assert_close(x.grad, [2, 2, 2])
    (x * np.array([1, 0, 1])).sum().backward()
    assert_close(x.grad, [3, 2, 3])
    x.grad = None
    assert x.grad is None


def test_an_attribute_can_be_set_and_deleted():
    layer = Linear(2)
    layer.weight = Tensor([5, 6])
    assert_close(layer.weight, [5, 6])
    layer.note = {"seen": [1, (2, None)]}
    assert layer.note == {"seen": [1, (2, None)]} and hasattr(layer, "note")
    del layer.note
    assert not hasattr(layer, "note")


def test_writing_into_an_array_that_was_read_from_an_attribute_writes_it_there():
    layer = Linear(3)
    layer.weight.data[...] = np.array([1, 2, 3])
    assert_close(layer(Tensor([1, 1, 1])), [1, 2, 3])
    data = layer.weight.data
    data[1] = 7
    data[0] += 10
    assert data.tolist() == [11, 7, 3] and layer.weight.data.tolist() == [11, 7, 3]
    layer.weight.data[Tensor([1, 0, 0]).data > 0] = 0
    assert_close(layer.weight, [0, 7, 3])


def test_an_array_changed_in_place_stays_the_same_array_there():
    x = Tensor([1, 2])
    same = shares(x)
    x.data -= 0.5 * np.ones(2)
    x.data *= 2
    assert x.data.tolist() == [1, 3] and x.data.dtype == np.float32 and same(x) is True


@on_student_side
def shares(x):
    data = x.data
    return lambda other: other.data is data


def test_a_write_that_would_be_lost_is_refused():
    x = Tensor([[1, 2], [3, 4]])
    for write in (lambda a: a.fill(0), lambda a: a[0].__setitem__(0, 5), lambda a: np.copyto(a, 0)):
        with pytest.raises(ValueError, match="read-only"):
            write(x.data)
    assert x.data.sum() == 10
    for mine in (x.data * 2, x.data.copy(), x.data[x.data > 1], x.data.astype(int)):  # the test's own
        mine[0] = 0
        mine += 1
        assert (mine[0] == 1).all()
    assert x.data.tolist() == [[1, 2], [3, 4]]
    assert type(x.data * 2) is np.ndarray and type(x.data.sum()) is np.float32


def test_items_are_set_and_deleted():
    x = Tensor([[1, 2], [3, 4]])
    x[0] = Tensor([8, 9])
    x[1, :1] = 5
    assert_close(x, [[8, 9], [5, 4]])
    loader = small("Loader")(3)
    del loader[0]
    assert len(loader) == 2


def test_in_place_operators_give_the_name_its_new_value():
    x = before = Tensor([1, 2])
    x += 1
    assert_close(x, [2, 3])
    assert_close(before, [1, 2])
    layer = Linear(2)
    layer.weight.data[...] = 1
    layer.weight *= 3
    assert_close(layer.weight, [3, 3])


def test_one_object_there_is_one_object_here():
    layer = Linear(2)
    assert layer.weight is layer.weight and next(layer.parameters()) is layer.weight
    assert layer.weight is not Linear(2).weight


# calls


def test_an_instance_can_be_called():
    assert_close(Linear(2)(Tensor([0, 0])), [0, 0])


def test_numbers_arrays_and_proxies_meet_on_either_side_of_an_operator():
    x = Tensor([1, 2])
    assert_close(2 * x, [2, 4])
    assert_close(np.array([3, 4]) * x, [3, 8])
    assert_close(np.float32(3) * x, [3, 6])


@on_student_side
def of_its_own_kind(named):
    """A tuple of a class of its own, with names for its places or without."""
    import collections

    return collections.namedtuple("Pair", "a b")(2, 3) if named else type("Size", (tuple,), {})((2, 3))


def test_a_shape_that_is_more_than_a_tuple_travels_as_one():
    assert of_its_own_kind(False) == (2, 3)
    assert isinstance(of_its_own_kind(True), Proxy) and of_its_own_kind(True).b == 3


def test_lists_tuples_and_dicts_of_proxies_travel():
    a, b = Tensor([1]), Tensor([2])
    for collection in ([a, b], (a, b), {"a": a, "b": b}):
        assert small("total_of")(collection) == 3
    assert small("total")(a, b=b) == 3
    assert apply(kind_of, {a: b}) == "dict"
    first, (second, number) = apply(pair, [a, (b, 4)])
    assert first is a and second is b and number == 4


@on_student_side
def pair(value):
    return value


def test_a_dict_with_tensors_as_keys_comes_back():
    layer = Linear(2)
    optimizer = SGD(layer.parameters(), lr=0.1)
    layer(Tensor([1, 2])).sum().backward()
    layer.weight.grad = Tensor([1, 1])
    optimizer.step()
    assert optimizer.steps == {layer.weight: 1} and optimizer.steps[layer.weight] == 1


def test_functions_of_numpy_and_of_python_travel():
    assert_close(apply(np.linalg.norm, [3, 4]), 5)
    assert_close(apply(np.add, 1, 2), 3)
    assert apply(abs, -2) == 2 and apply(max, 1, 3) == 3
    assert kind_of(np.float32) == "type" and apply(np.issubdtype, np.dtype("f4"), np.floating) is True
    rule = small("DERIVATIVES")[np.multiply]
    assert rule(1.0, 6.0, 2.0, 3.0) == (3.0, 2.0)


def test_functions_and_methods_of_the_package_travel():
    x = Tensor([1, 2])
    assert_close(apply(Tensor, [1, 2]), [1, 2])
    assert_close(apply(x.sum), 3)
    assert_close(apply(Linear(2), Tensor([0, 0])), [0, 0])


def test_plain_values_travel_both_ways_unchanged():
    values = [None, True, 3, 2.5, 1 + 2j, "ü", 2**70, [1, (2,)], {1: "a"}, ..., slice(1, None), float, {1, 2}, b"\0x"]
    for value in [*values, range(1, 9, 2), frozenset("a"), np.float32(2), np.dtype("i8"), np.float32, np.floating]:
        assert apply(pair, value) == value and type(apply(pair, value)) is type(value)
    for array in (np.arange(6).reshape(2, 3), np.zeros((0, 2)), np.array(3.5), np.array(["a", "bc"]), np.array([True])):
        there = apply(pair, array)
        assert there.dtype == array.dtype and there.shape == array.shape and (there == array).all()


def test_what_cannot_travel_is_refused_with_a_sentence():
    with pytest.raises(TypeError, match="mark it with @on_student_side"):
        apply(lambda: 1)
    with pytest.raises(TypeError, match="a generator cannot be sent"):
        apply(kind_of, (i for i in range(3)))


def test_a_generator_of_random_numbers_goes_on_where_it_stands(bridge):
    generator = np.random.default_rng(3)
    generator.random(5)
    twin = copy.deepcopy(generator)
    first, second = (Tensor.randn(2, generator=generator) for _ in range(2))
    assert_close(first, twin.standard_normal(2))
    assert_close(second, twin.standard_normal(2))
    assert bridge.last[0] != "generator"
    assert_close(Linear(2, np.random.Generator(np.random.MT19937(1))).weight, mersenne())


def mersenne():
    return np.random.Generator(np.random.MT19937(1)).standard_normal(2)


# protocols


def test_a_context_manager_is_entered_and_left():
    is_recording = small("is_recording")
    with no_grad():
        assert is_recording() is False
    assert is_recording() is True


def test_a_context_manager_sees_that_its_block_failed():
    manager, steps = no_grad(), small("steps")
    with raises(KeyError), manager:
        small("missing")("weight")
    assert small("is_recording")() is True and manager.error == "KeyError"
    with raises(ValueError, "cannot add"), small("seed")(3) as number:
        assert number == 3
        small("refuse")(1)
    assert apply(list, steps) == ["in 3", "failed: cannot add (1,)", "out"]


def test_leaving_a_block_is_not_the_call_that_a_report_shows(bridge):
    with no_grad():
        small("total")(Tensor([4]))
    assert bridge.last == ("total(Tensor([4]))", 4)


def test_loops_over_generators_tensors_and_loaders():
    layer = Linear(2)
    layer.inner = Linear(3)
    assert [p.shape for p in layer.parameters()] == [(2,), (3,)]
    assert len(list(layer.parameters())) == 2
    assert sum(p.data.size for p in layer.parameters()) == 5
    assert [row.shape for row in Tensor([[1, 2], [3, 4]])] == [(2,), (2,)]
    for batch, (array, number) in enumerate(small("Loader")(3)):
        assert array.tolist() == [number, number] == [batch, batch]
    for one, other in zip(layer.parameters(), layer.inner.parameters()):
        assert one.shape == (2,) and other.shape == (3,)
    _, second = layer.parameters()
    assert second is layer.inner.weight


def test_a_generator_there_is_used_up():
    parameters = Linear(2).parameters()
    assert len(list(parameters)) == 1 and list(parameters) == []
    with pytest.raises(StopIteration):
        next(parameters)


def test_whether_a_thing_is_true_equal_or_in_another_is_not_the_students_to_say():
    loader = small("Loader")(3)
    agreeable = small("Agreeable")()
    for verdict in (lambda: bool(Tensor(1)), lambda: 2 in loader):
        with pytest.raises(TypeError, match="not the student's to say"):
            verdict()
    for agrees in (agreeable, small("Agreeable")(1), small("Agreeable")(np.ones(1, bool)), Tensor(3)):
        assert not any([agrees == 3, agrees != 3, agrees == [3], [agrees] == [3], agrees == np.ones(1)])
    assert not any([agreeable < 3, agreeable >= 3])
    same = loader
    assert loader == same and loader != agreeable and not any([loader == agreeable, loader != same])


def test_len_and_numbers():
    assert len(small("Loader")(3)) == 3 and float(Tensor(2.5)) == 2.5
    assert f"{float(Tensor(2.5)):.2f}" == "2.50" and str(Tensor(1)) == "Tensor(1.0)"
    with raises(TypeError):
        len(Tensor(1))


def test_isinstance_and_issubclass():
    layer = Linear(2)
    assert isinstance(layer, Linear) and isinstance(layer, Module) and not isinstance(layer, (Tensor, SGD))
    assert not isinstance(3, Tensor) and not isinstance(layer, np.ndarray)
    assert issubclass(Linear, Module) and not issubclass(Module, Linear)
    assert type_name(layer) == "Linear" and Linear.__name__ == "Linear"
    assert type_name(layer.weight) == "Tensor" and type_name(layer.weight.data) == "ndarray"


def test_dict_results():
    layer = Linear(2)
    state = layer.state_dict()
    assert list(state) == ["weight"] and state["weight"].shape == (2,)
    layer.load_state_dict({"weight": np.array([4, 5])})
    assert_close(layer.weight, [4, 5])
    layer.load_state_dict(state)
    assert_close(layer.weight, state["weight"])


def test_a_mapping_that_is_no_plain_dict():
    ordered = small("ordered")()
    assert len(ordered) == 2 and list(ordered) == ["a", "b"]
    assert {key: float(value) for key, value in ordered.items()} == {"a": 1, "b": 2}
    assert sorted(dict(ordered)) == ["a", "b"] and float(dict(**ordered)["b"]) == 2


def test_copies():
    layer = Linear(2)
    other = copy.deepcopy(layer)
    other.weight.data[...] = 0
    assert other is not layer and layer.weight.data.all() and copy.copy(layer).weight is layer.weight


# helpers that run beside the student's code


@on_student_side
def doubled():
    class Doubled(Module):
        def __init__(self):
            self.inner = Linear(2)

        def forward(self, x):
            return self.inner(x) * 2

    return Doubled()


@on_student_side
def twice(x):
    return x * 2


@on_student_side
def four_times(x):
    return twice(twice(x))


def test_a_helper_may_subclass_the_students_class_and_use_names_of_the_package():
    model = doubled()
    model.inner.weight.data[...] = [1, 2]
    assert_close(model(Tensor([1, 1])), [2, 4])
    assert isinstance(model, Module) and len(list(model.parameters())) == 1 and type_name(model) == "Doubled"


def test_a_helper_is_a_callback_and_may_use_another():
    assert_close(apply(twice, Tensor([1])), [2])
    assert_close(apply(four_times, Tensor([1])), [4])
    model = doubled()
    model.forward = twice
    assert_close(model(Tensor([3])), [6])


def test_a_helper_may_stand_in_a_test():
    @on_student_side
    def rule(grad, out, a):
        return (grad * 3 * np.square(a),)

    small("derivative")(np.power)(rule)
    assert small("DERIVATIVES")[np.power](1, 8, 2) == (12,)


def test_a_helper_is_called_in_one_exchange(bridge, monkeypatch):
    calls = []
    call = bridge.call
    monkeypatch.setattr(
        bridge, "call", lambda expression, *a, **k: calls.append(expression) or call(expression, *a, **k)
    )
    twice(3)
    assert calls == ["twice(3)"]


# what goes wrong over there


def test_an_exception_keeps_its_type_message_and_attributes():
    with pytest.raises(ValueError, match="cannot add") as caught:
        small("refuse")((2,), (3,))
    assert caught.value.shapes == ((2,), (3,)) and caught.value.types[:2] == ["ShapeError", "ValueError"]
    assert [frame[2] for frame in caught.value.frames] == ["refuse"]
    with pytest.raises(KeyError) as caught:
        small("missing")("weight")
    assert caught.value.args == ("weight",) and str(caught.value) == "'weight'"
    with pytest.raises(OSError) as caught:
        apply(opened)
    assert caught.value.errno == 2 and caught.value.filename == "/none/such"
    with pytest.raises(UnicodeDecodeError) as caught:
        apply(undecodable)
    assert caught.value.reason == "invalid start byte"


@on_student_side
def opened():
    open("/none/such")


@on_student_side
def undecodable():
    b"\xff".decode()


def test_raises_knows_an_exception_of_the_package():
    ShapeError = small("ShapeError")
    with raises(ShapeError, "cannot add"):
        small("refuse")(1)
    with pytest.raises(KeyError), raises(ShapeError):
        small("missing")(1)
    with pytest.raises(Mismatch, match="no error was raised"), raises(ShapeError):
        small("total")()


def test_what_an_exception_says_of_itself_is_not_believed():
    with pytest.raises(RuntimeError) as caught:
        pretends()
    assert caught.value.types[0] == "Pretender" and caught.value.frames == []


@on_student_side
def pretends():
    class Pretender(Exception):
        def __str__(self):
            raise RuntimeError("no")

    error = Pretender()
    error.types, error.frames, error.__cause__ = ["AssertionError"], [("tinytorch/small.py", 1, "x")], None
    raise error


@pytest.mark.parametrize(
    ("call", "kind"), [("loop", TimedOut), ("leave", Died), ("stop", Exited)], ids=["loop", "leave", "stop"]
)
def test_the_process_is_there_again_after(bridge, call, kind):
    bridge.begin(limit=0.3)
    with pytest.raises(kind):
        small(call)()
    bridge.begin(limit=5)
    assert_close(Tensor([1]), [1])


@on_student_side
def busy_for(seconds):
    import time

    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return seconds


@pytest.mark.skipif(waited_for_a_processor(1) == 0, reason="the system does not tell how long a process waits")
def test_time_spent_waiting_for_a_processor_does_not_count(bridge):
    """Four processes on the one processor that the student's may use: its work takes four times as long."""
    bridge.begin(limit=5)
    small("scale")  # so that it runs
    student = bridge.process._student()
    os.sched_setaffinity(student, {min(os.sched_getaffinity(0))})
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True) for _ in range(3)]
    try:
        for other in others:
            os.sched_setaffinity(other.pid, {min(os.sched_getaffinity(0))})
        bridge.begin(limit=1)
        began = time.monotonic()
        assert busy_for(0.5) == 0.5
        assert time.monotonic() - began > 1
        bridge.begin(limit=0.3)
        with pytest.raises(TimedOut):
            busy_for(30)
    finally:
        for other in others:
            other.kill()
            other.wait()


def test_what_was_made_before_the_process_died_is_not_mistaken_for_something_else(bridge):
    x = Tensor([1])
    with pytest.raises(Died):
        small("leave")()
    bridge.begin(limit=5)
    others = [Tensor([i]) for i in range(100)]
    with pytest.raises(ReferenceError, match="its process has ended"):
        x.sum()
    assert len(others) == 100


def test_what_the_tests_no_longer_hold_is_let_go(bridge):
    for _ in range(20):
        Tensor(np.zeros(10))
    assert isinstance(Tensor([1]), Proxy)
    apply(kind_of, 1)
    held = bridging.remote("len", "builtins.len", name("__main__", "objects"))
    assert held < 10


@on_student_side
def says(text):
    print(text)


@pytest.mark.skipif(os.name != "posix", reason="what is printed is read by one thread alone there")
def test_two_that_read_what_was_printed_do_not_wait_for_each_other(bridge):
    process = bridge.process
    with process._reading:
        says("first")
        time.sleep(0.2)  # the thread that reads has seen that there is something, and waits for the lock
        process._read(process.child.stdout.fileno())
    time.sleep(0.2)  # now it has the lock, and there is nothing to read
    free = process._reading.acquire(timeout=20)
    assert free and process._printed == "first\n"
    process._reading.release()


@on_student_side
def some_draws():
    import random

    return [float(np.random.default_rng().random()), float(np.random.random()), random.random()]


def test_generators_without_a_seed_differ_and_are_the_same_in_each_process(bridge):
    drawn = []
    for _ in range(2):
        bridge.start()
        bridge.begin(limit=5)
        drawn.append(some_draws())
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == 3
