# ruff: noqa: F821
from tito.author.answers import mistake, right


@mistake(
    "named_parameters",
    "Only the module's own parameters are there. Those of its parts, and of their parts, belong to it as well: walk "
    "over all of `self.named_modules()`.",
)
def looks_at_itself_only(self):
    for name, value in vars(self).items():
        if isinstance(value, Parameter):
            yield name, value


@mistake(
    "named_parameters",
    "You go one level down, to the children. They may have children of their own; `named_modules` has walked through "
    "the whole tree.",
)
def goes_one_level_down(self):
    seen = set()
    for path, module in [("", self), *self.named_children()]:
        for name, value in vars(module).items():
            if isinstance(value, Parameter) and value not in seen:
                seen.add(value)
                yield _below(path, name), value


@mistake(
    "named_parameters",
    "A parameter that two modules share comes twice. Whoever changes each parameter once would change this one twice.",
)
def forgets_what_it_has_seen(self):
    for path, module in self.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, Parameter):
                yield _below(path, name), value


@mistake(
    "named_parameters",
    "The parameters at the root get a path that begins with a dot: between an empty path and a name there is none.",
)
def joins_with_a_dot_in_any_case(self):
    seen = set()
    for path, module in self.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, Parameter) and value not in seen:
                seen.add(value)
                yield f"{path}.{name}", value


@mistake(
    "named_parameters",
    "The names have lost their paths. Two layers both have a `weight`; only with the path can they be told apart.",
)
def gives_the_bare_name(self):
    seen = set()
    for path, module in self.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, Parameter) and value not in seen:
                seen.add(value)
                yield name, value


@mistake(
    "named_parameters",
    "Every tensor is taken for a parameter, such as a running mean that a module keeps. A parameter is known by its "
    "class.",
)
def takes_every_tensor(self):
    seen = set()
    for path, module in self.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, Tensor) and value not in seen:
                seen.add(value)
                yield _below(path, name), value


@mistake(
    "named_parameters",
    "You go by `requires_grad`. But a frozen parameter is one too: it must be saved, and can be thawed. And a tensor "
    "that requires a gradient need not be one.",
)
def goes_by_requires_grad(self):
    seen = set()
    for path, module in self.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, Tensor) and value.requires_grad and value not in seen:
                seen.add(value)
                yield _below(path, name), value


@mistake(
    "named_parameters",
    "Two parameters with the same values are taken for one. They are two: one may change without the other. What "
    "counts is the identity.",
)
def compares_values(self):
    seen = []
    for path, module in self.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, Parameter) and value.tolist() not in seen:
                seen.append(value.tolist())
                yield _below(path, name), value


@mistake(
    "named_parameters",
    "`in` asks a list by `==`, and that compares the values of two tensors, one by one. Use a set: it asks for the "
    "identity.",
)
def looks_into_a_list(self):
    seen = []
    for path, module in self.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, Parameter) and value not in seen:
                seen.append(value)
                yield _below(path, name), value


@right("named_parameters")
def in_a_dictionary_by_identity(self):
    found = {}
    for path, module in self.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, Parameter):
                found.setdefault(id(value), (_below(path, name), value))
    yield from found.values()


@right("named_parameters")
def as_a_list(self):
    pairs, identities = [], []
    for path, module in self.named_modules():
        for name in vars(module):
            value = getattr(module, name)
            if isinstance(value, Parameter) and id(value) not in identities:
                identities.append(id(value))
                pairs.append((path + "." + name if path else name, value))
    return pairs
