"""Module 05's optimizers with the options that no lesson needs, and optimizers that no lesson teaches."""

import difflib
import math

import numpy as np

import tinytorch.optimizers as optimizers
from tinytorch.autograd import Tensor, no_grad
from tinytorch.gradients import set_grad_enabled


class _State(dict):
    """What is remembered of each parameter: of one that is new, an empty dict."""

    def __missing__(self, parameter):
        return self.setdefault(parameter, {})


optimizers.Optimizer.state = property(
    lambda self: vars(self)["state"],
    lambda self, state: vars(self).update(state=_State(state)),
    doc="What is remembered of each parameter, by name.",
)


class _Options:
    """What every optimizer of PyTorch can do: go up instead of down (`maximize`), and evaluate anew (a closure).

    `foreach`, `fused`, `capturable` and `differentiable` choose among implementations there; here they change nothing.
    """

    more = ("maximize",)

    def __init__(
        self,
        params,
        *args,
        foreach=None,
        fused=None,
        capturable=False,
        differentiable=False,
        **options,
    ):
        self._more = {name: options.pop(name, False) for name in self.more}
        super().__init__(params, *args, **options)

    def add_param_group(self, group):
        """Take on more parameters: a dict with "params", a tensor or several, perhaps with names, and options."""
        if not isinstance(group["params"], Tensor):
            params = [p[1] if isinstance(p, tuple) else p for p in group["params"]]
            group = {**group, "params": params}
        self.defaults |= self._more
        known = {"params", "initial_lr", *self.defaults}
        notes = {
            name: value
            for name, value in group.items()
            if name not in known and not difflib.get_close_matches(name, known, 1, 0.8)
        }  # of the program's own, such as a name: what is not close to an option is no misspelt one
        super().add_param_group({k: v for k, v in group.items() if k not in notes})
        self.param_groups[-1] |= notes

    def step(self, closure=None):
        """Move every parameter that has a gradient; a `closure` computes loss and gradients first."""
        loss = None
        if closure is not None:
            with set_grad_enabled(True):
                loss = closure()
        super().step()
        return loss

    def update(self, p, grad, state, maximize, **options):
        """Change the array `p` in place, by the array `grad` and by what `state` remembers."""
        super().update(p, -grad if maximize else grad, state, **options)


class SGD(_Options, optimizers.SGD):
    __doc__ = optimizers.SGD.__doc__


def _decayed(grad, p, weight_decay):
    return grad + weight_decay * p if weight_decay else grad


def _averages(grad, state, betas):
    """The running means of the gradients and of their squares, with this gradient in them."""
    mean, square = (state.get(name, np.zeros_like(grad)) for name in ("exp_avg", "exp_avg_sq"))
    state["exp_avg"] = mean = betas[0] * mean + (1 - betas[0]) * grad
    state["exp_avg_sq"] = square = betas[1] * square + (1 - betas[1]) * grad * grad
    return mean, square


class RMSprop(_Options, optimizers.RMSprop):
    """As in module 05; `centered` takes the mean gradient out of the square, so that a variance is left."""

    more = ("maximize", "centered")

    def update(self, p, grad, state, centered, **options):
        """Change the array `p` in place, by the array `grad` and by what `state` remembers."""
        if not centered:
            return super().update(p, grad, state, **options)
        grad = _decayed(-grad if options["maximize"] else grad, p, options["weight_decay"])
        alpha = options["alpha"]
        for name, value in (("square_avg", grad * grad), ("grad_avg", grad)):
            state[name] = alpha * state.get(name, np.zeros_like(p)) + (1 - alpha) * value
        push = grad / (np.sqrt(state["square_avg"] - state["grad_avg"] ** 2) + options["eps"])
        if options["momentum"]:
            push = options["momentum"] * state.get("momentum_buffer", np.zeros_like(p)) + push
            state["momentum_buffer"] = push
        p -= options["lr"] * push


class Adam(_Options, optimizers.Adam):
    """As in module 05; `amsgrad` divides by the largest mean square so far (Reddi et al. 2018)."""

    more = ("maximize", "amsgrad")

    def update(self, p, grad, state, amsgrad, lr, **options):
        """Change the array `p` in place, by the array `grad` and by what `state` remembers."""
        if not amsgrad:
            return super().update(p, grad, state, lr=lr, **options)
        super().update(p, grad, state, lr=0, **options)  # the means move, the parameter does not
        t, (beta1, beta2) = state["step"], options["betas"]
        top = np.maximum(state.get("max_exp_avg_sq", 0), state["exp_avg_sq"])
        state["max_exp_avg_sq"] = top
        full = np.sqrt(top) / p.dtype.type(math.sqrt(1 - beta2**t)) + p.dtype.type(options["eps"])
        p -= p.dtype.type(lr / (1 - beta1**t)) * state["exp_avg"] / full


class AdamW(optimizers.AdamW, Adam):
    __doc__ = optimizers.AdamW.__doc__

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, **options):
        Adam.__init__(self, params, lr, betas, eps, weight_decay, **options)


class Adagrad(_Options, optimizers.Optimizer):
    """Gradients divided by the root of the sum of their squares so far (Duchi et al. 2011)."""

    def __init__(
        self,
        params,
        lr=1e-2,
        lr_decay=0,
        weight_decay=0,
        initial_accumulator_value=0,
        eps=1e-10,
        **options,
    ):
        start = dict(
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
        )
        super().__init__(params, dict(lr=lr, eps=eps, **start), **options)

    def update(
        self, p, grad, state, maximize, lr, lr_decay, weight_decay, initial_accumulator_value, eps
    ):
        """Change the array `p` in place, by the array `grad` and by what `state` remembers."""
        grad = _decayed(-grad if maximize else grad, p, weight_decay)
        state["step"] = state.get("step", 0) + 1
        state["sum"] = state.get("sum", np.full_like(p, initial_accumulator_value)) + grad * grad
        p -= lr / (1 + (state["step"] - 1) * lr_decay) * grad / (np.sqrt(state["sum"]) + eps)


class Adadelta(_Options, optimizers.Optimizer):
    """Steps whose size is the root of the mean square of those before (Zeiler 2012)."""

    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0, **options):
        super().__init__(
            params, dict(lr=lr, rho=rho, eps=eps, weight_decay=weight_decay), **options
        )

    def update(self, p, grad, state, maximize, lr, rho, eps, weight_decay):
        """Change the array `p` in place, by the array `grad` and by what `state` remembers."""
        grad = _decayed(-grad if maximize else grad, p, weight_decay)
        square, moved = (state.get(name, np.zeros_like(p)) for name in ("square_avg", "acc_delta"))
        square = rho * square + (1 - rho) * grad * grad
        step = np.sqrt(moved + eps) / np.sqrt(square + eps) * grad
        state["square_avg"], state["acc_delta"] = square, rho * moved + (1 - rho) * step * step
        p -= lr * step


class Adamax(_Options, optimizers.Optimizer):
    """Adam with the largest gradient so far in the place of the mean square (Kingma & Ba 2015)."""

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, **options):
        super().__init__(
            params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay), **options
        )

    def update(self, p, grad, state, maximize, lr, betas, eps, weight_decay):
        """Change the array `p` in place, by the array `grad` and by what `state` remembers."""
        grad = _decayed(-grad if maximize else grad, p, weight_decay)
        state["step"] = t = state.get("step", 0) + 1
        mean, top = (state.get(name, np.zeros_like(p)) for name in ("exp_avg", "exp_inf"))
        state["exp_avg"] = mean = betas[0] * mean + (1 - betas[0]) * grad
        state["exp_inf"] = top = np.maximum(betas[1] * top, np.abs(grad) + eps)
        p -= lr / (1 - betas[0] ** t) * mean / top


class NAdam(_Options, optimizers.Optimizer):
    """Adam that looks ahead, as Nesterov's momentum does (Dozat 2016)."""

    def __init__(
        self,
        params,
        lr=2e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        momentum_decay=4e-3,
        **options,
    ):
        defaults = dict(
            lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay
        )
        super().__init__(params, defaults, **options)

    def update(self, p, grad, state, maximize, lr, betas, eps, weight_decay, momentum_decay):
        """Change the array `p` in place, by the array `grad` and by what `state` remembers."""
        grad = _decayed(-grad if maximize else grad, p, weight_decay)
        state["step"] = t = state.get("step", 0) + 1
        now, then = (betas[0] * (1 - 0.5 * 0.96 ** (s * momentum_decay)) for s in (t, t + 1))
        state["mu_product"] = product = state.get("mu_product", 1.0) * now
        mean, square = _averages(grad, state, betas)
        root = np.sqrt(square / (1 - betas[1] ** t)) + eps
        p -= (
            lr * (1 - now) / (1 - product) * grad + lr * then / (1 - product * then) * mean
        ) / root


class RAdam(_Options, optimizers.Optimizer):
    """Adam whose first steps, while the mean square is of few gradients, do without it (Liu et al. 2020)."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, **options):
        super().__init__(
            params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay), **options
        )

    def update(self, p, grad, state, maximize, lr, betas, eps, weight_decay):
        """Change the array `p` in place, by the array `grad` and by what `state` remembers."""
        grad = _decayed(-grad if maximize else grad, p, weight_decay)
        state["step"] = t = state.get("step", 0) + 1
        mean, square = _averages(grad, state, betas)
        left, most = 1 - betas[1] ** t, 2 / (1 - betas[1]) - 1
        length = most - 2 * t * betas[1] ** t / left  # of the average, as if all counted alike
        push = mean / (1 - betas[0] ** t)
        if length > 5:
            share = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)
            push = math.sqrt(share * left) * push / (np.sqrt(square) + eps)
        p -= lr * push


class LBFGS(optimizers.Optimizer):
    """Newton's method with a guess at the curvature from the last steps (Nocedal 1980); needs a closure at each step."""

    def __init__(
        self,
        params,
        lr=1,
        max_iter=20,
        max_eval=None,
        tolerance_grad=1e-7,
        tolerance_change=1e-9,
        history_size=100,
        line_search_fn=None,
    ):
        if line_search_fn is not None:
            raise ValueError("LBFGS takes steps of lr here: line_search_fn=None")
        max_eval = max_iter * 5 // 4 if max_eval is None else max_eval
        limits = dict(
            tolerance_grad=tolerance_grad,
            tolerance_change=tolerance_change,
            history_size=history_size,
        )
        super().__init__(params, dict(lr=lr, max_iter=max_iter, max_eval=max_eval, **limits))

    def _check_fits(self, state):
        super()._check_fits(
            {**state, "state": {}}
        )  # what is remembered has not the shape of a parameter

    def _gather(self):
        grads = [
            np.zeros(p.numel(), p.dtype) if p.grad is None else p.grad.array.ravel()
            for p in self._parameters()
        ]
        return np.concatenate(grads)

    def _move(self, step):
        start = 0
        with no_grad():
            for p in self._parameters():
                p.add_(Tensor.wrap(step[start : start + p.numel()].reshape(p.shape)))
                start += p.numel()

    def _direction(self, grad, past):
        """-grad, turned by the curvature that the past steps showed: pairs of a change of the gradient and a step."""
        q, shares = -grad, []
        for y, s in reversed(past):
            shares.append((s @ q) / (y @ s))
            q = q - shares[-1] * y
        if len(past):
            y, s = past[-1]
            q = q * ((y @ s) / (y @ y))
        for (y, s), share in zip(past, reversed(shares)):
            q = q + s * (share - (y @ q) / (y @ s))
        return q

    def step(self, closure):
        """Take up to max_iter steps; `closure` clears the gradients, computes the loss, goes backward and returns it."""
        group = self.param_groups[0]
        with set_grad_enabled(True):
            first = loss = closure()
        grad, evaluations = self._gather(), 1
        memory = self.state[self._parameters()[0]]  # of all parameters, as in PyTorch
        past = memory.setdefault("past", np.zeros((0, 2, len(grad)), grad.dtype))
        for number in range(1, group["max_iter"] + 1):
            if np.abs(grad).max() <= group["tolerance_grad"]:
                break
            memory["step"] = memory.get("step", 0) + 1
            if "last" in memory:
                y, s = grad - memory["last"][0], memory["last"][1]
                if y @ s > 1e-10:
                    past = np.concatenate([past, [(y, s)]])[-group["history_size"] :]
            direction = self._direction(grad, past)
            rate = group["lr"] * (min(1.0, 1 / np.abs(grad).sum()) if memory["step"] == 1 else 1)
            move = direction * grad.dtype.type(rate)
            memory["past"], memory["last"] = past, np.stack([grad, move])
            if grad @ direction > -group["tolerance_change"]:
                break
            self._move(move)
            if number == group["max_iter"]:
                break
            before = float(loss)
            with set_grad_enabled(True):
                loss = closure()
            grad, evaluations = self._gather(), evaluations + 1
            small = np.abs(move).max() <= group["tolerance_change"]
            still = abs(float(loss) - before) < group["tolerance_change"]
            if small or still or evaluations >= group["max_eval"]:
                break
        return first
