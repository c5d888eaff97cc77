# ruff: noqa: F821

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "trainer_state",
    "The history is not a copy: it goes on growing while the training goes on. New lists are needed too; copying the "
    "dict alone shares them.",
)
def shares_the_history(self):
    return {
        "epoch": self.epoch,
        "history": self.history,
        "model": self.model.state_dict(),
        "optimizer": self.optimizer.state_dict(),
        "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
        "callbacks": [callback.state_dict() for callback in self.remembering()],
        "default_generator": default_generator.bit_generator.state,
    }


@mistake(
    "trainer_state",
    "The history is not a copy: it goes on growing while the training goes on. New lists are needed too; copying the "
    "dict alone shares them.",
)
def shares_the_lists(self):
    return {
        "epoch": self.epoch,
        "history": dict(self.history),
        "model": self.model.state_dict(),
        "optimizer": self.optimizer.state_dict(),
        "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
        "callbacks": [callback.state_dict() for callback in self.remembering()],
        "default_generator": default_generator.bit_generator.state,
    }


@mistake(
    "trainer_state",
    "The generator's state is that of a new generator. What counts is where the default generator stands, from which "
    "Dropout draws.",
)
def takes_another_generator(self):
    return {
        "epoch": self.epoch,
        "history": {name: list(values) for name, values in self.history.items()},
        "model": self.model.state_dict(),
        "optimizer": self.optimizer.state_dict(),
        "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
        "callbacks": [callback.state_dict() for callback in self.remembering()],
        "default_generator": np.random.default_rng(7).bit_generator.state,
    }


@mistake(
    "trainer_state",
    "Of the model there are the parameters only. Running means and the like are learnt too, without a gradient: they "
    "are in its state_dict.",
)
def forgets_the_buffers(self):
    return {
        "epoch": self.epoch,
        "history": {name: list(values) for name, values in self.history.items()},
        "model": {name: Tensor(p) for name, p in self.model.named_parameters()},
        "optimizer": self.optimizer.state_dict(),
        "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
        "callbacks": [callback.state_dict() for callback in self.remembering()],
        "default_generator": default_generator.bit_generator.state,
    }


@mistake(
    "trainer_state",
    "All callbacks are listed, also those that have nothing to remember. A progress bar more or less would then make a "
    "checkpoint unusable.",
)
def lists_all_callbacks(self):
    return {
        "epoch": self.epoch,
        "history": {name: list(values) for name, values in self.history.items()},
        "model": self.model.state_dict(),
        "optimizer": self.optimizer.state_dict(),
        "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
        "callbacks": [callback.state_dict() for callback in self.callbacks],
        "default_generator": default_generator.bit_generator.state,
    }


@mistake(
    "trainer_state",
    "A trainer without a scheduler fails here. There is nothing to ask for its state then: None.",
)
def needs_a_scheduler(self):
    return {
        "epoch": self.epoch,
        "history": {name: list(values) for name, values in self.history.items()},
        "model": self.model.state_dict(),
        "optimizer": self.optimizer.state_dict(),
        "scheduler": self.scheduler.state_dict(),
        "callbacks": [callback.state_dict() for callback in self.remembering()],
        "default_generator": default_generator.bit_generator.state,
    }


@mistake(
    "trainer_state",
    "What goes into a state is data: of each callback its `state_dict()`, and of the generator where it stands, "
    "`default_generator.bit_generator.state`.",
)
def holds_objects(self):
    return {
        "epoch": self.epoch,
        "history": {name: list(values) for name, values in self.history.items()},
        "model": self.model.state_dict(),
        "optimizer": self.optimizer.state_dict(),
        "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
        "callbacks": self.remembering(),
        "default_generator": default_generator,
    }


@mistake(
    "trainer_state",
    "The default generator is missing. `Dropout` draws from it: without it, other values are dropped after the restart.",
)
def forgets_the_generator(self):
    return {
        "epoch": self.epoch,
        "history": {name: list(values) for name, values in self.history.items()},
        "model": self.model.state_dict(),
        "optimizer": self.optimizer.state_dict(),
        "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
        "callbacks": [callback.state_dict() for callback in self.remembering()],
    }


@mistake(
    "trainer_state",
    "Two things. The history is not a copy, with lists of its own. And there may be no scheduler: then there is nothing to "
    "ask for its state, and None stands in its place.",
)
def shares_the_history_and_needs_a_scheduler(self):
    return {
        "epoch": self.epoch,
        "history": self.history,
        "model": self.model.state_dict(),
        "optimizer": self.optimizer.state_dict(),
        "scheduler": self.scheduler.state_dict(),
        "callbacks": [callback.state_dict() for callback in self.remembering()],
        "default_generator": default_generator.bit_generator.state,
    }


@right("trainer_state")
def step_by_step(self):
    import copy

    state = dict(epoch=self.epoch, history=copy.deepcopy(self.history), scheduler=None, callbacks=[])
    for name in ("model", "optimizer", "scheduler"):
        if getattr(self, name) is not None:
            state[name] = getattr(self, name).state_dict()
    for callback in self.callbacks:
        if callback.state_dict():
            state["callbacks"].append(callback.state_dict())
    state["default_generator"] = default_generator.bit_generator.state
    return state
