# ruff: noqa: F821

from tito.author.answers import mistake, right


@mistake(
    "early_stopping",
    "An improvement does not set `waited` back to 0, so epochs that were waited long ago still count.",
)
def waits_in_all(self, trainer):
    value = trainer.history[self.monitor][-1]
    if self.improves(value):
        self.best = value
        self.weights = trainer.model.state_dict()
    else:
        self.waited += 1
        if self.waited >= self.patience:
            trainer.should_stop = True


@mistake(
    "early_stopping",
    "It stops one epoch too late: with patience=2, the second epoch without an improvement is the last.",
)
def stops_too_late(self, trainer):
    value = trainer.history[self.monitor][-1]
    if self.improves(value):
        self.best, self.waited = value, 0
        self.weights = trainer.model.state_dict()
    else:
        self.waited += 1
        if self.waited > self.patience:
            trainer.should_stop = True


@mistake(
    "early_stopping",
    "The weights are kept after every epoch, so at the end the model gets the last ones back, not the best.",
)
def keeps_the_last_weights(self, trainer):
    value = trainer.history[self.monitor][-1]
    self.weights = trainer.model.state_dict()
    if self.improves(value):
        self.best, self.waited = value, 0
    else:
        self.waited += 1
        if self.waited >= self.patience:
            trainer.should_stop = True


@mistake(
    "early_stopping",
    "What is kept are the parameters themselves, not a copy. They go on changing, and at the end the model gets back "
    "what it has.",
)
def keeps_a_reference(self, trainer):
    value = trainer.history[self.monitor][-1]
    if self.improves(value):
        self.best, self.waited = value, 0
        self.weights = dict(trainer.model.named_parameters())
    else:
        self.waited += 1
        if self.waited >= self.patience:
            trainer.should_stop = True


@mistake(
    "early_stopping",
    "should_stop is set in every epoch, also to False. That takes back what another callback has asked for: only ever "
    "set it to True.",
)
def takes_the_end_back(self, trainer):
    value = trainer.history[self.monitor][-1]
    if self.improves(value):
        self.best, self.waited = value, 0
        self.weights = trainer.model.state_dict()
    else:
        self.waited += 1
    trainer.should_stop = self.waited >= self.patience


@mistake(
    "early_stopping",
    "Each value is compared with the one of the epoch before, not with the best so far. A slow rise with dips in it "
    "would never stop.",
)
def compares_with_the_epoch_before(self, trainer):
    value = trainer.history[self.monitor][-1]
    if self.improves(value):
        self.waited = 0
        self.weights = trainer.model.state_dict()
    else:
        self.waited += 1
        if self.waited >= self.patience:
            trainer.should_stop = True
    self.best = value


@mistake(
    "early_stopping",
    "`value < self.best` is right for a loss only. For an accuracy higher is better, and `min_delta` may ask for more than "
    "a little: `self.improves(value)` knows both.",
)
def compares_by_itself(self, trainer):
    if value < self.best:
        self.best, self.waited, self.weights = value, 0, trainer.model.state_dict()
    else:
        self.waited += 1
        if self.waited >= self.patience:
            trainer.should_stop = True


@mistake(
    "early_stopping",
    "What is kept is the model itself, which goes on changing and is no dictionary of weights. `trainer.model.state_dict()` "
    "is a copy.",
)
def keeps_the_model(self, trainer):
    if self.improves(value):
        self.best, self.waited, self.weights = value, 0, trainer.model
    else:
        self.waited += 1
        if self.waited >= self.patience:
            trainer.should_stop = True


@right("early_stopping")
def waits_first(self, trainer):
    value = trainer.history[self.monitor][-1]
    self.waited += 1
    if self.improves(value):
        self.best, self.waited = value, 0
        self.weights = {name: Tensor(p) for name, p in trainer.model.state_dict().items()}
    elif self.waited == self.patience:
        trainer.should_stop = True
