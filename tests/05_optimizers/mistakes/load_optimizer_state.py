# ruff: noqa: F821
import math

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "load_optimizer_state",
    "The saved arrays themselves become the optimizer's state. Its next step writes into them, and whoever holds the "
    "saved state finds it changed. Make copies, with `_restored`.",
)
def shares_the_saved_arrays(self, state):
    self.state = {}
    for group, saved in zip(self.param_groups, state["param_groups"]):
        group.update({name: value for name, value in saved.items() if name != "params"})
        for number, p in zip(saved["params"], group["params"]):
            if number in state["state"]:
                self.state[p] = dict(state["state"][number])


@mistake(
    "load_optimizer_state",
    "The group has taken over the saved list of numbers as its parameters. Numbers cannot be moved: `params` stays the "
    "list of our own parameters.",
)
def replaces_the_parameters_by_numbers(self, state):
    self.state = {}
    for group, saved in zip(self.param_groups, state["param_groups"]):
        for number, p in zip(saved["params"], group["params"]):
            if number in state["state"]:
                remembered = state["state"][number]
                self.state[p] = {name: _restored(name, v, p) for name, v in remembered.items()}
        group.update(saved)


@mistake(
    "load_optimizer_state",
    "The options are not taken over: the optimizer goes on with its own learning rate, not with the saved one.",
)
def leaves_the_options(self, state):
    self.state = {}
    for group, saved in zip(self.param_groups, state["param_groups"]):
        for number, p in zip(saved["params"], group["params"]):
            if number in state["state"]:
                remembered = state["state"][number]
                self.state[p] = {name: _restored(name, v, p) for name, v in remembered.items()}


@mistake(
    "load_optimizer_state",
    "The numbers are taken for positions: 0, 1, 2. Often they are, but what they are is said by the saved group's list "
    "`params`.",
)
def counts_by_itself(self, state):
    self.state = {}
    for group, saved in zip(self.param_groups, state["param_groups"]):
        group.update({name: value for name, value in saved.items() if name != "params"})
    for number, p in enumerate(self._parameters()):
        if number in state["state"]:
            remembered = state["state"][number]
            self.state[p] = {name: _restored(name, v, p) for name, v in remembered.items()}


@mistake(
    "load_optimizer_state",
    "What the optimizer remembered before is still there, for parameters without a saved entry. Start with an empty "
    "state.",
)
def keeps_the_old_state(self, state):
    for group, saved in zip(self.param_groups, state["param_groups"]):
        group.update({name: value for name, value in saved.items() if name != "params"})
        for number, p in zip(saved["params"], group["params"]):
            if number in state["state"]:
                remembered = state["state"][number]
                self.state[p] = {name: _restored(name, v, p) for name, v in remembered.items()}


@mistake(
    "load_optimizer_state",
    "The state is kept under the saved numbers, and `step` looks it up by parameter: it would find nothing. Translate "
    "each number into the parameter in the same place of our list.",
)
def keeps_the_numbers_as_keys(self, state):
    self.state = {}
    for group, saved in zip(self.param_groups, state["param_groups"]):
        group.update({name: value for name, value in saved.items() if name != "params"})
        for number, p in zip(saved["params"], group["params"]):
            if number in state["state"]:
                remembered = state["state"][number]
                self.state[number] = {name: _restored(name, v, p) for name, v in remembered.items()}


@mistake(
    "load_optimizer_state",
    "The groups take over the saved numbers as their parameters, and the state is kept under numbers too. Both belong to "
    "**our** parameters: leave `params` out, and translate each number into the parameter in its place.",
)
def takes_over_everything_as_it_is(self, state):
    self._check_fits(state)
    for group, saved in zip(self.param_groups, state["param_groups"]):
        group.update(saved)
    self.state = state["state"]


@mistake(
    "load_optimizer_state",
    'A parameter that was never moved has no saved entry, and asking for it is a KeyError. Ask `number in state["state"]` '
    "first.",
)
def expects_an_entry_for_each(self, state):
    self._check_fits(state)
    self.state = {}
    for group, saved in zip(self.param_groups, state["param_groups"]):
        group.update({k: v for k, v in saved.items() if k != "params"})
        for number, p in zip(saved["params"], group["params"]):
            entry = state["state"][number]
            self.state[p] = {name: _restored(name, value, p) for name, value in entry.items()}


@right("load_optimizer_state")
def in_two_loops(self, state):
    mine, numbers = [], []
    for group, saved in zip(self.param_groups, state["param_groups"]):
        mine += group["params"]
        numbers += saved["params"]
        for name in saved:
            if name != "params":
                group[name] = saved[name]
    self.state = {}
    for p, number in zip(mine, numbers):
        for name, value in state["state"].get(number, {}).items():
            self.state.setdefault(p, {})[name] = _restored(name, value, p)


@right("load_optimizer_state")
def makes_new_groups(self, state):
    groups, restored = [], {}
    for group, saved in zip(self.param_groups, state["param_groups"]):
        groups.append({**group, **saved, "params": group["params"]})
        by_number = dict(zip(saved["params"], group["params"]))
        for number, p in by_number.items():
            if number in state["state"]:
                restored[p] = {k: _restored(k, v, p) for k, v in state["state"][number].items()}
    self.param_groups, self.state = groups, restored
