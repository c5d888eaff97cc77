# ruff: noqa: F821

from tito.author.answers import mistake, right


@mistake(
    "train_step",
    "Nothing forgets the gradients of the step before. backward adds to them, so each step goes by all batches before as well.",
)
def never_forgets(self, inputs, targets):
    loss = self.loss_function(self.model(inputs), targets)
    loss.backward()
    if self.clip is not None:
        clip_grad_norm_(self.model.parameters(), self.clip)
    self.optimizer.step()
    return loss.item()


@mistake(
    "train_step",
    "The gradients are forgotten after backward has made them and before the step could use them: nothing moves.",
)
def forgets_too_late(self, inputs, targets):
    loss = self.loss_function(self.model(inputs), targets)
    loss.backward()
    self.optimizer.zero_grad()
    if self.clip is not None:
        clip_grad_norm_(self.model.parameters(), self.clip)
    self.optimizer.step()
    return loss.item()


@mistake(
    "train_step",
    "The gradients are forgotten after the step only. Whatever stands in them before the first step, from somebody "
    "else's backward, is part of it.",
)
def forgets_at_the_end(self, inputs, targets):
    loss = self.loss_function(self.model(inputs), targets)
    loss.backward()
    if self.clip is not None:
        clip_grad_norm_(self.model.parameters(), self.clip)
    self.optimizer.step()
    self.optimizer.zero_grad()
    return loss.item()


@mistake(
    "train_step",
    "The gradients are not clipped between backward and step. That is the only moment at which it helps: before there "
    "are none, and afterwards they have been used.",
)
def clips_after_the_step(self, inputs, targets):
    loss = self.loss_function(self.model(inputs), targets)
    self.optimizer.zero_grad()
    loss.backward()
    self.optimizer.step()
    if self.clip is not None:
        clip_grad_norm_(self.model.parameters(), self.clip)
    return loss.item()


@mistake(
    "train_step",
    "The loss comes back as a tensor, which remembers how it was made. Into means, curves and files go Python numbers.",
)
def returns_a_tensor(self, inputs, targets):
    loss = self.loss_function(self.model(inputs), targets)
    self.optimizer.zero_grad()
    loss.backward()
    if self.clip is not None:
        clip_grad_norm_(self.model.parameters(), self.clip)
    self.optimizer.step()
    return loss


@mistake(
    "train_step",
    "The loss function gets the targets first. It takes the scores, and then what they should have been.",
)
def exchanges_scores_and_targets(self, inputs, targets):
    loss = self.loss_function(targets, self.model(inputs))
    self.optimizer.zero_grad()
    loss.backward()
    if self.clip is not None:
        clip_grad_norm_(self.model.parameters(), self.clip)
    self.optimizer.step()
    return loss.item()


@mistake(
    "train_step",
    "Two things are left out: the gradients of the step before are never forgotten, and with `self.clip` they are to be "
    "clipped between backward and step.",
)
def neither_forgets_nor_clips(self, inputs, targets):
    loss = self.loss_function(self.model(inputs), targets)
    loss.backward()
    self.optimizer.step()
    return loss.item()


@right("train_step")
def forgets_first(self, inputs, targets):
    self.model.zero_grad()
    scores = self.model.forward(inputs)
    loss = self.loss_function(scores, targets)
    value = float(loss)
    loss.backward()
    if self.clip:
        clip_grad_norm_(list(self.model.parameters()), max_norm=self.clip)
    self.optimizer.step()
    return value
