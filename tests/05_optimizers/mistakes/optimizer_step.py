# ruff: noqa: F821
import math

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "optimizer_step",
    "The options come from `self.defaults`, so what a group sets for itself is not heard. `self.defaults` tells the "
    "names; the values are the group's.",
)
def takes_the_defaults_for_all_groups(self):
    for group in self.param_groups:
        for p in group["params"]:
            if p.grad is not None:
                state = self.state.setdefault(p, {})
                self.update(p.data, p.grad.data, state, **self.defaults)
                writes.note(p.data)


@mistake(
    "optimizer_step",
    "A new empty dict goes to `update` each time and is then forgotten: the rule cannot remember anything. The dict must "
    "stay in `self.state`.",
)
def forgets_the_state(self):
    for group in self.param_groups:
        options = {name: group[name] for name in self.defaults}
        for p in group["params"]:
            if p.grad is not None:
                self.update(p.data, p.grad.data, self.state.get(p, {}), **options)
                writes.note(p.data)


@mistake(
    "optimizer_step",
    "All parameters share one state, so what is remembered of one is mixed with what is remembered of the others. Each "
    "parameter has a dict of its own, under the parameter as key.",
)
def shares_one_state(self):
    for group in self.param_groups:
        options = {name: group[name] for name in self.defaults}
        for p in group["params"]:
            if p.grad is not None:
                self.update(p.data, p.grad.data, self.state, **options)
                writes.note(p.data)


@mistake(
    "optimizer_step",
    "A parameter without a gradient is treated as if its gradient were zero. Then `update` is called and remembers it, "
    "and a rule with a memory would even move it. Leave it alone.",
)
def takes_none_for_zero(self):
    for group in self.param_groups:
        options = {name: group[name] for name in self.defaults}
        for p in group["params"]:
            grad = np.zeros_like(p.data) if p.grad is None else p.grad.data
            self.update(p.data, grad, self.state.setdefault(p, {}), **options)
            writes.note(p.data)


@mistake(
    "optimizer_step",
    "The write is not noted. A graph that was recorded before the step would be differentiated with the new values, and "
    "nobody would notice. Tell `writes` after each update.",
)
def does_not_note_the_write(self):
    for group in self.param_groups:
        options = {name: group[name] for name in self.defaults}
        for p in group["params"]:
            if p.grad is not None:
                self.update(p.data, p.grad.data, self.state.setdefault(p, {}), **options)


@mistake(
    "optimizer_step",
    "The loop ends at the first parameter without a gradient, and those after it are never moved. Go on with the next "
    "one instead.",
)
def stops_at_the_first_without_a_gradient(self):
    for group in self.param_groups:
        options = {name: group[name] for name in self.defaults}
        for p in group["params"]:
            if p.grad is None:
                return
            self.update(p.data, p.grad.data, self.state.setdefault(p, {}), **options)
            writes.note(p.data)


@mistake(
    "optimizer_step",
    "Everything in the group but `params` is passed on. A group also holds notes, such as `initial_lr`, which no rule "
    "knows. The names of the options are in `self.defaults`.",
)
def passes_on_the_notes(self):
    for group in self.param_groups:
        options = {name: value for name, value in group.items() if name != "params"}
        for p in group["params"]:
            if p.grad is not None:
                self.update(p.data, p.grad.data, self.state.setdefault(p, {}), **options)
                writes.note(p.data)


@mistake(
    "optimizer_step",
    "The whole group is passed on, its list of parameters too, and `update` knows no option of that name. The options are "
    "the entries whose names are in `self.defaults`.",
)
def passes_on_the_whole_group(self):
    for group in self.param_groups:
        for p in group["params"]:
            if p.grad is not None:
                self.update(p.data, p.grad.data, self.state.setdefault(p, {}), **group)
                writes.note(p.data)


@mistake(
    "optimizer_step",
    "`update` gets tensors here, and writing into a parameter is refused. It wants arrays: `p.data` and `p.grad.data`.",
)
def passes_on_tensors(self):
    for group in self.param_groups:
        options = {name: group[name] for name in self.defaults}
        for p in group["params"]:
            if p.grad is not None:
                self.update(p, p.grad, self.state.setdefault(p, {}), **options)
                writes.note(p)


@mistake(
    "optimizer_step",
    "Two things. `self.state.get(p, {})` gives a dict that nobody keeps: what `update` remembers in it is lost. And the "
    "options are each group's own; `self.defaults` only tells their names.",
)
def forgets_the_state_and_takes_the_defaults(self):
    for group in self.param_groups:
        for p in group["params"]:
            if p.grad is not None:
                self.update(p.data, p.grad.data, self.state.get(p, {}), **self.defaults)
                writes.note(p.data)


@right("optimizer_step")
def looks_whether_the_state_is_there(self):
    for group in self.param_groups:
        for p in group["params"]:
            if p.grad is None:
                continue
            if p not in self.state:
                self.state[p] = {}
            options = {}
            for name in self.defaults:
                options[name] = group[name]
            self.update(p.data, p.grad.data, self.state[p], **options)
            writes.note(p.data)


@right("optimizer_step")
def notes_first(self):
    for group in self.param_groups:
        options = {k: v for k, v in group.items() if k in self.defaults}
        for p in filter(lambda p: p.grad is not None, group["params"]):
            writes.note(p.data)
            self.update(p.data, p.grad.numpy(), self.state.setdefault(p, {}), **options)
