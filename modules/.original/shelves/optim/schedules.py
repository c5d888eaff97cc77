"""Schedules that no lesson teaches."""

import bisect
import math

from tinytorch.optimizers import LRScheduler, anneal_cosine


def _own(optimizer, value):
    """One value for each group, from one for all or from a list."""
    return (
        list(value) if isinstance(value, (list, tuple)) else [value] * len(optimizer.param_groups)
    )


class LambdaLR(LRScheduler):
    """The learning rate times what a function of the number of steps gives; one function for all groups or each its own."""

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        self.lr_lambdas = _own(optimizer, lr_lambda)
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [lr * factor(self.last_epoch) for lr, factor in zip(self.base_lrs, self.lr_lambdas)]

    def state_dict(self):
        """Where the schedule stands, without the functions."""
        return {name: value for name, value in super().state_dict().items() if name != "lr_lambdas"}


class _FromLast(LRScheduler):
    """A schedule that makes each learning rate of the one before."""

    def get_lr(self):
        rates = [group["lr"] for group in self.optimizer.param_groups]
        return (
            self.base_lrs
            if self.last_epoch == 0
            else [rate * self.factor(i) for i, rate in enumerate(rates)]
        )

    def load_state_dict(self, state):
        """Go on where another schedule of this kind stood."""
        vars(self).update(state)
        for group, lr in zip(self.optimizer.param_groups, self._last_lr):
            group["lr"] = lr


class MultiplicativeLR(_FromLast):
    """The learning rate before times what a function of the number of steps gives."""

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        self.lr_lambdas = _own(optimizer, lr_lambda)
        super().__init__(optimizer, last_epoch)

    def factor(self, group):
        """What the learning rate of a group is multiplied by now."""
        return self.lr_lambdas[group](self.last_epoch)

    state_dict = LambdaLR.state_dict


class MultiStepLR(LRScheduler):
    """The learning rate times `gamma` at each of the milestones."""

    def __init__(self, optimizer, milestones, gamma=0.1, last_epoch=-1):
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [
            lr * self.gamma ** bisect.bisect_right(self.milestones, self.last_epoch)
            for lr in self.base_lrs
        ]


class ExponentialLR(LRScheduler):
    """The learning rate times `gamma` at each step."""

    def __init__(self, optimizer, gamma, last_epoch=-1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [lr * self.gamma**self.last_epoch for lr in self.base_lrs]


class ConstantLR(LRScheduler):
    """The learning rate times `factor` for the first `total_iters` steps."""

    def __init__(self, optimizer, factor=1 / 3, total_iters=5, last_epoch=-1):
        self.share, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [
            lr * (self.share if self.last_epoch < self.total_iters or not self.total_iters else 1)
            for lr in self.base_lrs
        ]


class PolynomialLR(LRScheduler):
    """The learning rate times (1 - steps / total_iters) to the power `power`, down to 0."""

    def __init__(self, optimizer, total_iters=5, power=1.0, last_epoch=-1):
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        done = min(self.last_epoch / self.total_iters, 1) if self.total_iters else 0
        return [lr * (1 - done) ** self.power for lr in self.base_lrs]


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half a wave down in T_0 steps, again and again, each T_mult times as long (Loshchilov & Hutter 2017)."""

    def __init__(self, optimizer, T_0, T_mult=1, eta_min=0.0, last_epoch=-1):
        if T_0 < 1 or T_mult < 1:
            raise ValueError(f"T_0 and T_mult are at least 1, not {T_0} and {T_mult}")
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        at, length = self.last_epoch, self.T_0
        while at >= length:
            at, length = at - length, length * self.T_mult
        return [anneal_cosine(lr, self.eta_min, at / length) for lr in self.base_lrs]


class CyclicLR(LRScheduler):
    """Up from base_lr to max_lr and down again, along lines (Smith 2017)."""

    def __init__(
        self,
        optimizer,
        base_lr,
        max_lr,
        step_size_up=2000,
        step_size_down=None,
        mode="triangular",
        gamma=1.0,
        cycle_momentum=True,
        base_momentum=0.8,
        max_momentum=0.9,
        last_epoch=-1,
    ):
        if mode not in ("triangular", "triangular2", "exp_range"):
            raise ValueError(f'mode is "triangular", "triangular2" or "exp_range", not {mode!r}')
        if cycle_momentum and not {"momentum", "betas"} & optimizer.defaults.keys():
            raise ValueError(
                f"{type(optimizer).__name__} has no momentum to cycle: set cycle_momentum=False"
            )
        self.cycle_momentum, self.momenta = cycle_momentum, (max_momentum, base_momentum)
        self.low, self.high = _own(optimizer, base_lr), _own(optimizer, max_lr)
        self.up, self.down = (
            step_size_up,
            step_size_up if step_size_down is None else step_size_down,
        )
        self.mode, self.gamma = mode, gamma
        super().__init__(optimizer, last_epoch)

    def _height(self):
        """How far up the cycle is, from 0 to 1."""
        cycle, at = divmod(self.last_epoch, self.up + self.down)
        height = at / self.up if at <= self.up else 1 - (at - self.up) / self.down
        return (
            height
            * {
                "triangular": 1,
                "triangular2": 0.5**cycle,
                "exp_range": self.gamma**self.last_epoch,
            }[self.mode]
        )

    def get_lr(self):
        height = self._height()
        return [low + (high - low) * height for low, high in zip(self.low, self.high)]

    def _set(self):
        super()._set()
        if self.cycle_momentum:  # low where the learning rate is high
            most, least = self.momenta
            momentum = most - (most - least) * self._height()
            for group in self.optimizer.param_groups:
                if "betas" in group:
                    group["betas"] = (momentum, group["betas"][1])
                else:
                    group["momentum"] = momentum


class ChainedScheduler:
    """Several schedules at once: the learning rate times what each of them makes of it."""

    def __init__(self, schedulers, optimizer=None):
        self.schedulers = list(schedulers)
        self.optimizer = optimizer or self.schedulers[0].optimizer
        self._set()

    def _set(self):
        for group, *rates in zip(
            self.optimizer.param_groups, *(s.get_last_lr() for s in self.schedulers)
        ):
            start = group["initial_lr"]
            group["lr"] = start * math.prod(rate / start for rate in rates)

    def step(self):
        """Go one step further."""
        for scheduler in self.schedulers:
            scheduler.step()
        self._set()

    def get_last_lr(self):
        """The learning rate of each group, as it was last set."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self):
        """Where each of the schedules stands."""
        return {"schedulers": [scheduler.state_dict() for scheduler in self.schedulers]}

    def load_state_dict(self, state):
        """Go on where others stood."""
        for scheduler, part in zip(self.schedulers, state["schedulers"]):
            scheduler.load_state_dict(part)
        self._set()


class SequentialLR(LRScheduler):
    """One schedule after the other; the next one begins at each of the milestones."""

    def __init__(self, optimizer, schedulers, milestones, last_epoch=-1):
        self.schedulers, self.milestones = list(schedulers), list(milestones)
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        number = bisect.bisect_right(self.milestones, self.last_epoch)
        scheduler = self.schedulers[number]
        scheduler.last_epoch = self.last_epoch - (self.milestones[number - 1] if number else 0)
        scheduler._set()
        return scheduler.get_last_lr()

    def state_dict(self):
        """Where the schedule stands, and each of its parts."""
        state = {
            name: value for name, value in super().state_dict().items() if name != "schedulers"
        }
        return state | {"schedulers": [scheduler.state_dict() for scheduler in self.schedulers]}

    def load_state_dict(self, state):
        """Go on where another schedule of this kind stood."""
        for scheduler, part in zip(self.schedulers, state["schedulers"]):
            scheduler.load_state_dict(part)
        super().load_state_dict(
            {name: value for name, value in state.items() if name != "schedulers"}
        )


class ReduceLROnPlateau:
    """The learning rate times `factor` when what `step` is told has not become better for `patience` steps."""

    def __init__(
        self,
        optimizer,
        mode="min",
        factor=0.1,
        patience=10,
        threshold=1e-4,
        threshold_mode="rel",
        cooldown=0,
        min_lr=0,
        eps=1e-8,
    ):
        if factor >= 1:
            raise ValueError(f"factor is below 1, not {factor}")
        self.optimizer, self.mode, self.factor, self.patience = optimizer, mode, factor, patience
        self.threshold, self.threshold_mode, self.cooldown, self.eps = (
            threshold,
            threshold_mode,
            cooldown,
            eps,
        )
        self.min_lrs = _own(optimizer, min_lr)
        self.best, self.num_bad_epochs, self.wait = math.inf if mode == "min" else -math.inf, 0, 0
        self._last_lr = [group["lr"] for group in optimizer.param_groups]

    def _better(self, value):
        if self.best in (math.inf, -math.inf):
            return True
        margin = self.threshold * (abs(self.best) if self.threshold_mode == "rel" else 1)
        return value < self.best - margin if self.mode == "min" else value > self.best + margin

    def step(self, metrics, epoch=None):
        """Take note of one more value."""
        value = float(metrics)
        if self._better(value):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.wait:
            self.wait, self.num_bad_epochs = self.wait - 1, 0
        if self.num_bad_epochs > self.patience:
            for group, low in zip(self.optimizer.param_groups, self.min_lrs):
                lr = max(group["lr"] * self.factor, low)
                group["lr"] = lr if group["lr"] - lr > self.eps else group["lr"]
            self.wait, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def get_last_lr(self):
        """The learning rate of each group, as it was last set."""
        return list(self._last_lr)

    def state_dict(self):
        """Where the schedule stands, as plain values."""
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state):
        """Go on where another schedule of this kind stood."""
        vars(self).update(state)
