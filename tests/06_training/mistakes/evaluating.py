# ruff: noqa: F821

from tito.author.answers import mistake, right


@mistake(
    "evaluating",
    "Afterwards the model is always in training mode, also if it was not before. Note what was, and put that back.",
)
def always_trains_afterwards(model):
    model.eval()
    try:
        with no_grad():
            yield
    finally:
        model.train()


@mistake(
    "evaluating",
    "The model's own mode is put back, and with it the mode of every part: one that was frozen in evaluation trains "
    "again. Note the mode of each module.",
)
def puts_one_mode_back(model):
    before = model.training
    model.eval()
    try:
        with no_grad():
            yield
    finally:
        model.train(before)


@mistake(
    "evaluating",
    "After an error in the block nothing is put back: the lines behind the yield are skipped. They belong into a "
    "finally.",
)
def forgets_errors(model):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    with no_grad():
        yield
    for module, mode in modes:
        module.training = mode


@mistake("evaluating", "Inside, operations are still recorded. Measuring needs no gradients: no_grad().")
def goes_on_recording(model):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


@mistake(
    "evaluating",
    "Inside, the model is still in training mode: Dropout drops values while it is measured. no_grad() says nothing "
    "about modes.",
)
def forgets_the_mode(model):
    with no_grad():
        yield


@mistake(
    "evaluating",
    "Afterwards the model is in training mode in any case, and after an error nothing is put back at all. Note the mode of "
    "each module before, and put it back in a `finally`.",
)
def trains_afterwards_unless_it_fails(model):
    model.eval()
    with no_grad():
        yield
    model.train()


@right("evaluating")
def with_a_dict(model):
    before = {module: module.training for module in model.modules()}
    for module in before:
        module.training = False
    with no_grad():
        try:
            yield model
        finally:
            for module in before:
                module.training = before[module]
