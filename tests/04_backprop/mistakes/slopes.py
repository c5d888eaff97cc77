# ruff: noqa: F821
from tito.author.answers import mistake, right


@mistake("slopes", "Left and right are exchanged. To the left is the step from `kept - eps` to `kept`.")
def right_first(value, array, index, eps):
    here, kept = value(), array[index]
    array[index] = kept + eps
    above = value()
    array[index] = kept - eps
    below = value()
    array[index] = kept
    return (above - here) / eps, (here - below) / eps


@mistake("slopes", "That is the central difference twice. It is the mean of the two slopes, and hides a kink.")
def central_twice(value, array, index, eps):
    kept = array[index]
    array[index] = kept + eps
    above = value()
    array[index] = kept - eps
    below = value()
    array[index] = kept
    slope = (above - below) / (2 * eps)
    return slope, slope


@mistake(
    "slopes",
    "Each of the two steps is `eps` wide, not `2 * eps`: that would be the whole way from the left to the right.",
)
def divides_by_two_eps(value, array, index, eps):
    here, kept = value(), array[index]
    array[index] = kept + eps
    above = value()
    array[index] = kept - eps
    below = value()
    array[index] = kept
    return (here - below) / (2 * eps), (above - here) / (2 * eps)


@mistake(
    "slopes",
    "The array is left with the value changed. Everything that is measured afterwards starts from the wrong place.",
)
def does_not_put_it_back(value, array, index, eps):
    here, kept = value(), array[index]
    array[index] = kept + eps
    above = value()
    array[index] = kept - eps
    below = value()
    return (here - below) / eps, (above - here) / eps


@mistake(
    "slopes",
    "The value is put back by adding and subtracting `eps`. With rounding, that is not where it was. Keep the number, "
    "and assign it.",
)
def puts_it_back_nearly(value, array, index, eps):
    here = value()
    array[index] += eps
    above = value()
    array[index] -= 2 * eps
    below = value()
    array[index] += eps
    return (here - below) / eps, (above - here) / eps


@mistake(
    "slopes",
    "`value()` is computed from the array that was passed in. You change a copy, which nobody looks at, so all "
    "slopes are 0.",
)
def changes_a_copy(value, array, index, eps):
    here = value()
    changed = array.copy()
    changed[index] += eps
    above = value()
    changed[index] -= 2 * eps
    below = value()
    return (here - below) / eps, (above - here) / eps


@mistake(
    "slopes",
    "All values of the array are moved, not only the one at the index. The slope you get is the sum of all slopes.",
)
def moves_everything(value, array, index, eps):
    here, kept = value(), array.copy()
    array[...] = kept + eps
    above = value()
    array[...] = kept - eps
    below = value()
    array[...] = kept
    return (here - below) / eps, (above - here) / eps


@mistake(
    "slopes",
    "That is their mean, one number. Return both slopes, the left one first: whoever calls wants to see whether they "
    "agree.",
)
def returns_the_mean(value, array, index, eps):
    kept = array[index]
    array[index] = kept + eps
    above = value()
    array[index] = kept - eps
    below = value()
    array[index] = kept
    return (above - below) / (2 * eps)


@mistake(
    "slopes",
    "You take what stands in the array for what the function gives there. In the middle, too, that is `value()`.",
)
def takes_the_input_for_the_output(value, array, index, eps):
    here = array[index]
    array[index] = here + eps
    above = value()
    array[index] = here - eps
    below = value()
    array[index] = here
    return (here - below) / eps, (above - here) / eps


@right("slopes")
def with_a_helper(value, array, index, eps):
    kept = array[index].copy()

    def at(number):
        array[index] = number
        result = value()
        array[index] = kept
        return result

    return (at(kept) - at(kept - eps)) / eps, (at(kept + eps) - at(kept)) / eps


@right("slopes")
def from_left_to_right(value, array, index, eps):
    kept = float(array[index])
    values = []
    for move in (-eps, 0, eps):
        array[index] = kept + move
        values.append(value())
    array[index] = kept
    below, here, above = values
    return [(here - below) / eps, (above - here) / eps]
