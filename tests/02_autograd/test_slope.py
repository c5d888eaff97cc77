"""slope measures how fast a function of one number changes, a step to either side."""

from tinytorch.autograd import slope
from tito.testing import assert_close, on_student_side


@on_student_side
def measured(slope, formula, x, *step):
    return slope(eval(f"lambda x: {formula}"), x, *step)


def test_both_sides_count(rng):
    assert_close(measured(slope, "(2 * x + 1 - 5) ** 2", 3.0, 1.0), 8)
    assert_close(measured(slope, "x * x", 3.0, 0.5), 6)
    a, b, x, step = rng.uniform(1, 3, 4).tolist()
    assert_close(measured(slope, f"{a} * x * x - {b} * x", x, step), 2 * a * x - b)
    assert_close(measured(slope, "x * x * x", x, step), 3 * x * x + step * step)


def test_a_straight_line_is_as_steep_with_any_step(rng):
    for a, x in ((3.0, 2.0), (-0.5, 10.0), rng.uniform(-3, 3, 2).tolist()):
        for step in (0.25, 4.0, float(rng.uniform(0.5, 2))):
            assert_close(measured(slope, f"{a} * x + 7", x, step), a)


def test_it_falls_where_the_function_falls(rng):
    assert_close(measured(slope, "-x * x", 2.0, 0.5), -4)
    assert_close(measured(slope, "1 / x", 2.0, 1.0), -1 / 3)
    x = float(rng.uniform(1, 2))
    assert_close(measured(slope, "1 / x", x, 0.5), -1 / (x * x - 0.25))


def test_a_step_of_a_thousandth_unless_another_is_given(rng):
    for x in (3.0, float(rng.uniform(1, 2))):
        assert_close(measured(slope, "x * x * x", x), 3 * x * x, rtol=1e-5)
        assert_close(measured(slope, "x * x * x", x, 2.0), 3 * x * x + 4)
