# ruff: noqa: F821
import math

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "one_cycle",
    "At the last step of a phase you are in the next one already. That step belongs to the phase that ends: a phase is "
    "over only when the step is beyond its last.",
)
def leaves_a_phase_too_early(self):
    number = sum(last <= self.last_epoch for last, _, _ in self.phases[:-1])
    begin = self.phases[number - 1][0] if number else 0
    last, start, end = self.phases[number]
    return start, end, (self.last_epoch - begin) / (last - begin)


@mistake(
    "one_cycle",
    "The share is counted from step 0 in every phase. A later phase begins where the one before it ends, and its share "
    "with it.",
)
def counts_from_the_start_of_the_cycle(self):
    number = sum(last < self.last_epoch for last, _, _ in self.phases[:-1])
    last, start, end = self.phases[number]
    return start, end, self.last_epoch / last


@mistake(
    "one_cycle",
    "You divide by the last step of the phase, and not by how many steps the phase has: take off the step at which it "
    "begins below the line too.",
)
def divides_by_the_last_step(self):
    number = sum(last < self.last_epoch for last, _, _ in self.phases[:-1])
    begin = self.phases[number - 1][0] if number else 0
    last, start, end = self.phases[number]
    return start, end, (self.last_epoch - begin) / last


@mistake(
    "one_cycle",
    "There are only two phases for you, up and down. With `three_phase` there is a third: go through the list.",
)
def knows_two_phases(self):
    top, start, end = self.phases[0]
    if self.last_epoch <= top:
        return start, end, self.last_epoch / top
    last, start, end = self.phases[-1]
    return start, end, (self.last_epoch - top) / (last - top)


@mistake(
    "one_cycle",
    "One step after the last is one phase too many: there is none left in the list. The last phase is never over.",
)
def leaves_the_last_phase(self):
    number = sum(last < self.last_epoch for last, _, _ in self.phases)
    begin = self.phases[number - 1][0] if number else 0
    last, start, end = self.phases[number]
    return start, end, (self.last_epoch - begin) / (last - begin)


@mistake(
    "one_cycle",
    "One step more than there are belongs to no phase here, and nothing is returned. The last phase is never over.",
)
def finds_no_phase_after_the_last(self):
    begin = 0
    for last, start, end in self.phases:
        if self.last_epoch <= last:
            return start, end, (self.last_epoch - begin) / (last - begin)
        begin = last


@mistake(
    "one_cycle",
    "A later phase begins at the step where the one before it ends, not one step further on: 4 is 2 of the 7 steps from 2 "
    "to 9.",
)
def begins_one_step_later(self):
    begin = 0
    for last, start, end in self.phases:
        if self.last_epoch <= last or last == self.phases[-1][0]:
            return start, end, (self.last_epoch - begin) / (last - begin)
        begin = last + 1


@right("one_cycle")
def in_a_loop(self):
    begin = 0
    for last, start, end in self.phases:
        if self.last_epoch <= last or last == self.phases[-1][0]:
            return start, end, (self.last_epoch - begin) / (last - begin)
        begin = last


@right("one_cycle")
def takes_phases_off_the_list(self):
    begin, left = 0, list(self.phases)
    while len(left) > 1 and left[0][0] < self.last_epoch:
        begin = left.pop(0)[0]
    last, start, end = left[0]
    return (start, end, (self.last_epoch - begin) / (last - begin))
