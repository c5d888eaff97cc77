# ruff: noqa: F821

from tito.author.answers import mistake, right


@mistake(
    "written",
    "You ask for the array itself. It may be a view, and the log knows only who owns the memory.",
)
def asks_for_the_view(self, array, since):
    return self.last.get(id(array), 0) > since


@mistake(
    "written",
    "A write at the time `since` counts as after it. The node that was made then has seen the new numbers.",
)
def counts_the_same_time(self, array, since):
    return self.last.get(id(_owner(array)), -1) >= since


@mistake(
    "written",
    "You say whether the memory was ever written. What was written before `since` is no harm: compare the times.",
)
def forgets_the_time(self, array, since):
    return id(_owner(array)) in self.last


@mistake(
    "written",
    "You say whether anything was written since. The clock ticks for every write; ask when this memory was written.",
)
def asks_for_any_memory(self, array, since):
    return self.time > since


@mistake("written", "Memory that was never written is not in the log, and asking for it is a KeyError.")
def expects_every_array(self, array, since):
    return self.last[id(_owner(array))] > since


@mistake("written", "The comparison is the wrong way round: you say whether the write came before.")
def compares_the_wrong_way_round(self, array, since):
    return self.last.get(id(_owner(array)), since) < since


@mistake(
    "written",
    "A write at the time `since` counts as after it. The node that was made then has seen the new numbers.",
)
def counts_the_same_time_and_never_as_0(self, array, since):
    return self.last.get(id(_owner(array)), 0) >= since


@mistake("written", "The keys of `last` are ids, numbers. An array cannot be a key: ask by `id(…)`.")
def asks_by_the_array(self, array, since):
    return self.last.get(_owner(array), 0) > since


@right("written")
def step_by_step(self, array, since):
    key = id(_owner(array))
    if key not in self.last:
        return False
    return self.last[key] > since


@right("written")
def with_try(self, array, since):
    try:
        return since < self.last[id(_owner(array))]
    except KeyError:
        return False
