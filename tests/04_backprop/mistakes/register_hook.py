# ruff: noqa: F821
from tito.author.answers import mistake, right


@mistake(
    "register_hook",
    "A new hook pushes out the ones before. Put it behind them.",
)
def replaces_the_others(tensor, hook):
    source.hooks = (entry,)

    def remove():
        source.hooks = tuple(other for other in source.hooks if other is not entry)

    return remove


@mistake(
    "register_hook",
    "Removing one hook removes all of the tensor's. The others were registered by somebody else, who still waits for "
    "them.",
)
def removes_all(tensor, hook):
    source.hooks = (*getattr(source, "hooks", ()), entry)

    def remove():
        source.hooks = ()

    return remove


@mistake(
    "register_hook",
    "`remove` puts back the tuple from before the registration, and so forgets what was registered since. Take out "
    "the one entry from what is there now.",
)
def goes_back_in_time(tensor, hook):
    before = getattr(source, "hooks", ())
    source.hooks = (*before, entry)

    def remove():
        source.hooks = before

    return remove


@mistake(
    "register_hook",
    "The hook is put on the tensor. The engine looks for it on the source: for the result of an operation that is the "
    "operation, `tensor.node`.",
)
def hangs_it_on_the_tensor(tensor, hook):
    tensor.hooks = (*getattr(tensor, "hooks", ()), entry)

    def remove():
        tensor.hooks = tuple(other for other in tensor.hooks if other is not entry)

    return remove


@mistake(
    "register_hook",
    "The new hook is put before the others, so the last one registered is called first. They should be called in the "
    "order in which they came.",
)
def puts_it_in_front(tensor, hook):
    source.hooks = (entry, *getattr(source, "hooks", ()))

    def remove():
        source.hooks = tuple(other for other in source.hooks if other is not entry)

    return remove


@mistake(
    "register_hook",
    "`hook` itself is registered, and `remove` takes out everything that is equal to it. A function that was registered "
    "twice is then removed twice. That is what `entry` is for.",
)
def cannot_tell_two_apart(tensor, hook):
    source.hooks = (*getattr(source, "hooks", ()), hook)

    def remove():
        source.hooks = tuple(other for other in source.hooks if other is not hook)

    return remove


@mistake(
    "register_hook",
    "`return remove()` calls the function: the hook is taken out again at once. Return the function itself.",
)
def removes_at_once(tensor, hook):
    source.hooks = (*getattr(source, "hooks", ()), entry)

    def remove():
        source.hooks = tuple(other for other in source.hooks if other is not entry)

    return remove()


@mistake(
    "register_hook",
    "The hooks are kept in one list that is changed in place. A hook that removes itself then changes the list under "
    "the engine that is walking along it, and the next hook is skipped. Make a new tuple each time.",
)
def changes_a_list_in_place(tensor, hook):
    if not getattr(source, "hooks", ()):
        source.hooks = []
    source.hooks.append(entry)

    def remove():
        if any(other is entry for other in source.hooks):
            source.hooks.remove(entry)

    return remove


@mistake(
    "register_hook",
    'On a leaf the attribute `hooks` may be missing. `getattr(source, "hooks", ())` gives an empty tuple then.',
)
def expects_hooks_on_a_leaf(tensor, hook):
    source.hooks = (*source.hooks, entry)

    def remove():
        source.hooks = tuple(other for other in source.hooks if other is not entry)

    return remove


@mistake(
    "register_hook",
    "A tuple can be added to a tuple, but not an entry to a tuple. One more at the end is `(*before, entry)`.",
)
def adds_the_entry_to_a_tuple(tensor, hook):
    source.hooks = getattr(source, "hooks", ()) + entry

    def remove():
        source.hooks = tuple(other for other in source.hooks if other is not entry)

    return remove


@mistake(
    "register_hook",
    "Removing again should do nothing. `list.remove` raises when the entry is gone: keep those that are not the entry "
    "instead.",
)
def removes_with_remove(tensor, hook):
    source.hooks = (*getattr(source, "hooks", ()), entry)

    def remove():
        hooks = list(source.hooks)
        hooks.remove(entry)
        source.hooks = tuple(hooks)

    return remove


@right("register_hook")
def by_position(tensor, hook):
    source.hooks = getattr(source, "hooks", ()) + (entry,)

    def remove():
        kept = list(source.hooks)
        for k, other in enumerate(kept):
            if other is entry:
                del kept[k]
                break
        source.hooks = tuple(kept)

    return remove


@right("register_hook")
def with_a_lambda(tensor, hook):
    before = source.hooks if hasattr(source, "hooks") else ()
    source.hooks = tuple([*before, entry])
    return lambda: setattr(source, "hooks", tuple(h for h in source.hooks if h is not entry))
