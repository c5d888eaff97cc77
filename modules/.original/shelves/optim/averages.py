"""Models whose weights are averages of another's (Izmailov et al. 2018)."""

import copy

from tinytorch.autograd import no_grad
from tinytorch.layers import Module, _BatchNorm
from tinytorch.operations import Tensor
from tinytorch.optimizers import LRScheduler, anneal_cosine


def get_ema_avg_fn(decay=0.999):
    """The function that keeps the share `decay` of the average, and takes the rest from the model."""
    return lambda average, value, count: decay * average + (1 - decay) * value


def get_ema_multi_avg_fn(decay=0.999):
    """As get_ema_avg_fn, for lists of tensors, which change in place."""
    return _of_lists(get_ema_avg_fn(decay))


def get_swa_avg_fn():
    """The function that moves the average on to that of one more model."""
    return lambda average, value, count: average + (value - average) / (count + 1)


def get_swa_multi_avg_fn():
    """As get_swa_avg_fn, for lists of tensors, which change in place."""
    return _of_lists(get_swa_avg_fn())


def _of_lists(average):
    def function(averages, values, count):
        for old, new in zip(averages, values):
            old.copy_(average(old, new, count))

    return function


class AveragedModel(Module):
    """A copy of a model, `module`, which `update_parameters(model)` moves towards the model as it is then.

    `avg_fn(average, value, count)` says how; by default the copy is the mean of all models that it was given.
    """

    def __init__(self, model, device=None, avg_fn=None, multi_avg_fn=None, use_buffers=False):
        self.module = copy.deepcopy(model)
        self.register_buffer("n_averaged", Tensor.wrap(0))
        self.average = multi_avg_fn or _of_lists(avg_fn or get_swa_avg_fn())
        self.use_buffers = use_buffers

    def forward(self, *inputs, **options):
        return self.module(*inputs, **options)

    @no_grad()
    def update_parameters(self, model):
        """Move on by the model as it is now; the first time, be its copy."""
        averages, values = ([*m.parameters()] for m in (self.module, model))
        buffers = [*zip(self.module.buffers(), model.buffers())]
        if self.use_buffers:
            floats = [pair for pair in buffers if pair[0].dtype.kind == "f"]
            averages, values = averages + [a for a, _ in floats], values + [b for _, b in floats]
        if self.n_averaged.item():
            self.average(averages, values, self.n_averaged)
        else:
            for average, value in zip(averages, values):
                average.copy_(value)
        if not self.use_buffers:
            for average, value in buffers:
                average.copy_(value)
        self.n_averaged += 1


@no_grad()
def update_bn(loader, model, device=None):
    """Let each batch norm of the model compute its running averages anew, from all batches of the loader."""
    norms = [m for m in model.modules() if isinstance(m, _BatchNorm)]
    momenta, training = [m.momentum for m in norms], model.training
    for norm in norms:
        norm.running_mean.zero_(), norm.running_var.fill_(1), norm.num_batches_tracked.zero_()
        norm.momentum = None
    model.train()
    for batch in loader:
        model(batch[0] if isinstance(batch, (list, tuple)) else batch)
    for norm, momentum in zip(norms, momenta):
        norm.momentum = momentum
    model.train(training)


class SWALR(LRScheduler):
    """From each group's learning rate to `swa_lr`, along a cosine or a line, within `anneal_epochs` steps."""

    def __init__(self, optimizer, swa_lr, anneal_epochs=10, anneal_strategy="cos", last_epoch=-1):
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f'anneal_strategy is "cos" or "linear", not {anneal_strategy!r}')
        rates = (
            swa_lr if isinstance(swa_lr, (list, tuple)) else [swa_lr] * len(optimizer.param_groups)
        )
        for group, rate in zip(optimizer.param_groups, rates):
            group["swa_lr"] = rate
        self.anneal_epochs, self.anneal_strategy = anneal_epochs, anneal_strategy
        super().__init__(optimizer, last_epoch)

    def _share(self, step):
        """How much of the way is done after so many steps."""
        share = min(1, max(0, step) / max(1, self.anneal_epochs))
        return anneal_cosine(0, 1, share) if self.anneal_strategy == "cos" else share

    def get_lr(self):
        step = self.last_epoch if self.anneal_epochs else max(1, self.last_epoch)
        before, now = self._share(step - 1), self._share(step)
        rates = []
        for group in self.optimizer.param_groups:  # another schedule may have moved them on
            end, start = group["swa_lr"], group["lr"]
            start = end if before == 1 else (start - before * end) / (1 - before)
            rates.append(end * now + start * (1 - now))
        return rates
