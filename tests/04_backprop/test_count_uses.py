"""count_uses says how often each operation and each leaf behind a result is read."""

from tinytorch.autograd import Tensor
from tinytorch.backprop import count_uses
from tito.testing import drawn_names, on_student_side


@on_student_side
def total(*values):
    return sum(values)


@on_student_side
def uses(program, of):
    names = {"x": Tensor(3, requires_grad=True), "Tensor": Tensor, "total": lambda *t: t[0].apply(total, *t)}
    exec(program, names)
    count_uses(names[of])  # counting changes nothing: the second time it is the same
    source_names = {t.node or t: name for name, t in names.items() if isinstance(t, Tensor)}
    counted = count_uses(names[of])
    return {source_names.get(source, f"a {type(source).__name__}"): n for source, n in counted.items()}


@on_student_side
def how_many_sources_after(doublings):
    y = Tensor(1, requires_grad=True)
    for _ in range(doublings):
        y = y + y
    return len(count_uses(y))


@on_student_side
def how_many_sources_in_a_chain_of(length):
    y = Tensor(1, requires_grad=True)
    for _ in range(length):
        y = y + 1
    return len(count_uses(y))


def chain(rng, steps):
    """A program of operations that are made one of the other, and the names of the values, from x on."""
    names = ["x", *drawn_names(rng, steps)]
    return "; ".join(f"{name} = {before} * 2" for before, name in zip(names, names[1:])), names


def drawn(rng, steps, more=""):
    """A program of operations on one to three values above them, and what each of them reads; `more` reads nothing."""
    read, lines = {"x": []}, []
    for name in drawn_names(rng, steps):
        inputs = [str(above) for above in rng.choice(list(read)[-3:], rng.integers(1, 4))]
        lines.append(f"{name} = total({', '.join(inputs)}{more})")
        read[name] = inputs
    return "; ".join(lines), read


def counted(read, of):
    uses, found = {of: 0}, [of]
    for name in found:
        for above in read[name]:
            found += [above] * (above not in uses)
            uses[above] = uses.get(above, 0) + 1
    return uses


def test_a_value_that_is_read_once_counts_1_and_the_result_0(rng):
    assert uses("y = x * 2", of="y") == {"y": 0, "x": 1}
    assert uses("y = x * 2; z = y + 1", of="z") == {"z": 0, "y": 1, "x": 1}
    program, names = chain(rng, rng.integers(4, 9))
    assert uses(program, of=names[-1]) == {**dict.fromkeys(names, 1), names[-1]: 0}


def test_reading_a_value_twice_counts_2(rng):
    assert uses("y = x * x", of="y") == {"y": 0, "x": 2}
    assert uses("y = x * 2; z = y + y", of="z") == {"z": 0, "y": 2, "x": 1}
    _, names = chain(rng, rng.integers(4, 9))
    twice = rng.integers(0, 2, len(names) - 1)
    lines = [f"{b} = {a} + {a}" if two else f"{b} = {a} + 1" for a, b, two in zip(names, names[1:], twice)]
    expected = {names[-1]: 0} | {name: int(two) + 1 for name, two in zip(names, twice)}
    assert uses("; ".join(lines), of=names[-1]) == expected


def test_all_that_read_a_value_are_counted(rng):
    assert uses("a = x * x; b = a + x; c = a * b", of="c") == {"c": 0, "b": 1, "a": 2, "x": 3}
    assert uses("y = x * 2; z = total(y, x, x)", of="z") == {"z": 0, "y": 1, "x": 3}
    program, read = drawn(rng, steps=9)
    assert uses(program, of=list(read)[-1]) == counted(read, list(read)[-1])


def test_only_what_requires_a_gradient_counts(rng):
    program = "k = Tensor(2); d = x.detach(); y = x * k; z = y + d"
    assert uses(program, of="z") == {"z": 0, "y": 1, "x": 1}
    program, read = drawn(rng, steps=7, more=", k, d, 2.0")
    assert uses(f"k = Tensor(2); d = x.detach(); {program}", of=list(read)[-1]) == counted(read, list(read)[-1])


def test_what_the_result_was_not_made_from_does_not_count(rng):
    assert uses("a = x * 2; b = a + 1; c = a + 2", of="b") == {"b": 0, "a": 1, "x": 1}
    program, read = drawn(rng, steps=9)
    middle = list(read)[rng.integers(4, 7)]
    assert uses(program, of=middle) == counted(read, middle)


def test_a_leaf_by_itself_is_read_0_times(rng):
    assert uses("", of="x") == {"x": 0}
    leaf, other = drawn_names(rng, 2)
    assert uses(f"{leaf} = Tensor(2, requires_grad=True); {other} = {leaf} * x", of=leaf) == {leaf: 0}


def test_a_released_operation_has_no_inputs(rng):
    assert uses("y = x * 2; z = y + 1; z.node.inputs = None", of="z") == {"z": 0}
    program, names = chain(rng, steps=8)
    place = rng.integers(1, 7)
    expected = {**dict.fromkeys(names[place:], 1), names[-1]: 0}
    assert uses(f"{program}; {names[place]}.node.inputs = None", of=names[-1]) == expected


def test_each_operation_is_looked_at_once_however_many_paths_lead_there(rng):
    assert how_many_sources_after(doublings=3) == 4
    assert how_many_sources_after(doublings=40) == 41
    doublings = int(rng.integers(30, 300))
    assert how_many_sources_after(doublings) == doublings + 1


def test_a_long_chain_needs_no_recursion(rng):
    length = int(rng.integers(4000, 6000))
    assert how_many_sources_in_a_chain_of(length) == length + 1
