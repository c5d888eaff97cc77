# ruff: noqa: F821

from tito.author.answers import mistake, right


@mistake(
    "fit",
    "The learning rate is read after the schedule has moved it on: each epoch is listed with the rate of the next.",
)
def reads_the_rate_too_late(self, train, validation=None, epochs=1):
    for _ in range(epochs):
        row = {"lr": 0.0, "train_loss": self.train_epoch(train)}
        if validation is not None:
            for name, value in self.evaluate(validation).items():
                row[f"validation_{name}"] = value
        if self.scheduler is not None and self.schedule_each == "epoch":
            self.scheduler.step()
        row["lr"] = self.learning_rate()
        self.record(row)
        self.epoch += 1
        self.tell("on_epoch_end")
        if self.should_stop:
            break


@mistake(
    "fit",
    "The scheduler makes a step after each epoch although it is to make one after each batch, which train_epoch does. "
    "Look at schedule_each.",
)
def schedules_in_any_case(self, train, validation=None, epochs=1):
    for _ in range(epochs):
        row = {"lr": self.learning_rate(), "train_loss": self.train_epoch(train)}
        if validation is not None:
            for name, value in self.evaluate(validation).items():
                row[f"validation_{name}"] = value
        if self.scheduler is not None:
            self.scheduler.step()
        self.record(row)
        self.epoch += 1
        self.tell("on_epoch_end")
        if self.should_stop:
            break


@mistake(
    "fit",
    "Callbacks are told before the epoch is written down and counted, so they find the history of the epoch before, or "
    "none.",
)
def tells_too_early(self, train, validation=None, epochs=1):
    for _ in range(epochs):
        row = {"lr": self.learning_rate(), "train_loss": self.train_epoch(train)}
        if validation is not None:
            for name, value in self.evaluate(validation).items():
                row[f"validation_{name}"] = value
        if self.scheduler is not None and self.schedule_each == "epoch":
            self.scheduler.step()
        self.tell("on_epoch_end")
        self.record(row)
        self.epoch += 1
        if self.should_stop:
            break


@mistake("fit", "Nobody looks at should_stop: a callback can ask for an end and does not get it.")
def does_not_stop(self, train, validation=None, epochs=1):
    for _ in range(epochs):
        row = {"lr": self.learning_rate(), "train_loss": self.train_epoch(train)}
        if validation is not None:
            for name, value in self.evaluate(validation).items():
                row[f"validation_{name}"] = value
        if self.scheduler is not None and self.schedule_each == "epoch":
            self.scheduler.step()
        self.record(row)
        self.epoch += 1
        self.tell("on_epoch_end")


@mistake(
    "fit",
    "The validation comes before the training of the epoch. It then measures the model of the epoch before, and the "
    "last one is never measured.",
)
def measures_first(self, train, validation=None, epochs=1):
    for _ in range(epochs):
        row = {"lr": self.learning_rate()}
        results = {} if validation is None else self.evaluate(validation)
        row["train_loss"] = self.train_epoch(train)
        for name, value in results.items():
            row[f"validation_{name}"] = value
        if self.scheduler is not None and self.schedule_each == "epoch":
            self.scheduler.step()
        self.record(row)
        self.epoch += 1
        self.tell("on_epoch_end")
        if self.should_stop:
            break


@mistake(
    "fit",
    "The results of the validation are entered under their own names. With validation_ in front they cannot be "
    "confused with what was measured in training.",
)
def forgets_the_prefix(self, train, validation=None, epochs=1):
    for _ in range(epochs):
        row = {"lr": self.learning_rate(), "train_loss": self.train_epoch(train)}
        if validation is not None:
            row |= self.evaluate(validation)
        if self.scheduler is not None and self.schedule_each == "epoch":
            self.scheduler.step()
        self.record(row)
        self.epoch += 1
        self.tell("on_epoch_end")
        if self.should_stop:
            break


@mistake(
    "fit",
    "A second call begins to count anew, or trains up to `epochs` in all. It is to add `epochs` more to those that are "
    "done.",
)
def counts_from_the_start(self, train, validation=None, epochs=1):
    while self.epoch < epochs:
        row = {"lr": self.learning_rate(), "train_loss": self.train_epoch(train)}
        if validation is not None:
            for name, value in self.evaluate(validation).items():
                row[f"validation_{name}"] = value
        if self.scheduler is not None and self.schedule_each == "epoch":
            self.scheduler.step()
        self.record(row)
        self.epoch += 1
        self.tell("on_epoch_end")
        if self.should_stop:
            break


@mistake(
    "fit",
    "The model is measured although there is no validation data: `validation` may be None.",
)
def always_measures(self, train, validation=None, epochs=1):
    for _ in range(epochs):
        row = {"lr": self.learning_rate(), "train_loss": self.train_epoch(train)}
        row.update({f"validation_{name}": value for name, value in self.evaluate(validation).items()})
        if self.scheduler is not None and self.schedule_each == "epoch":
            self.scheduler.step()
        self.record(row)
        self.epoch += 1
        self.tell("on_epoch_end")
        if self.should_stop:
            break


@right("fit")
def with_the_loss_first(self, train, validation=None, epochs=1):
    for _ in range(epochs):
        rate = self.learning_rate()
        row = {"train_loss": self.train_epoch(train)}
        row["lr"] = rate
        if validation is not None:
            row |= {f"validation_{name}": value for name, value in self.evaluate(validation).items()}
        if self.scheduler is not None and self.schedule_each == "epoch":
            self.scheduler.step()
        self.record(row)
        self.epoch += 1
        self.tell("on_epoch_end")
        if self.should_stop:
            break


@right("fit")
def with_a_last_epoch(self, train, validation=None, epochs=1):
    last = self.epoch + epochs
    while self.epoch < last and not self.should_stop:
        row = dict(lr=self.optimizer.param_groups[0]["lr"])
        row["train_loss"] = self.train_epoch(train)
        if validation:
            result = self.evaluate(validation)
            row.update({"validation_" + name: result[name] for name in result})
        if self.scheduler and self.schedule_each == "epoch":
            self.scheduler.step()
        self.record(row)
        self.epoch = self.epoch + 1
        self.tell("on_epoch_end")
