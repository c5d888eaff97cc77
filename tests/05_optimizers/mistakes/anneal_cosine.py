# ruff: noqa: F821
import math

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "anneal_cosine",
    "1 + cos goes from 2 to 0, so the way starts at twice the difference. Half of it is what is left.",
)
def forgets_the_half(start, end, share):
    return end + (start - end) * (1 + math.cos(math.pi * share))


@mistake(
    "anneal_cosine",
    "The way goes from end to start. (1 + cos) / 2 is what is left of the start: 1 at the beginning, 0 at the end.",
)
def goes_the_other_way(start, end, share):
    return start + (end - start) * (1 + math.cos(math.pi * share)) / 2


@mistake(
    "anneal_cosine",
    "That is a quarter of a wave: slow at one end only. Half a wave is an angle from 0 to pi, and a cosine from 1 to -1.",
)
def takes_a_quarter_of_a_wave(start, end, share):
    return end + (start - end) * math.cos(math.pi * share / 2)


@mistake(
    "anneal_cosine",
    "math.cos takes angles in radians: half a turn is math.pi, not 180.",
)
def takes_degrees(start, end, share):
    return end + (start - end) * (1 + math.cos(180 * share)) / 2


@mistake(
    "anneal_cosine",
    "What is left is taken of the start itself, and then the end is added: only for an end of 0 is that right. It is "
    "the difference from start to end that shrinks.",
)
def shrinks_the_start(start, end, share):
    return end + start * (1 + math.cos(math.pi * share)) / 2


@mistake(
    "anneal_cosine",
    "cos itself goes from 1 to -1. Lift it by 1 and halve it: (1 + cos) / 2 goes from 1 to 0, and is what is left of the way.",
)
def takes_the_bare_cosine(start, end, share):
    return start + (end - start) * math.cos(math.pi * share)


@mistake(
    "anneal_cosine",
    "That is how much of the way is left, a number from 1 to 0. Use it to go from `start` to `end`.",
)
def forgets_where_it_goes(start, end, share):
    return (1 + math.cos(math.pi * share)) / 2


@right("anneal_cosine")
def mixes_the_two(start, end, share):
    left = 0.5 + 0.5 * math.cos(share * math.pi)
    return left * start + (1 - left) * end


@right("anneal_cosine")
def with_numpy(start, end, share):
    return start + (end - start) * np.sin(np.pi * share / 2) ** 2
