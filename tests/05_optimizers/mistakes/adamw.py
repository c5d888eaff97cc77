# ruff: noqa: F821
import math

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "adamw",
    "The decay goes through Adam, which adds it to the gradient and divides it by the gradient's size again. Shrink the "
    "weight itself, and give Adam no decay.",
)
def leaves_the_decay_to_adam(self, p, grad, state, lr, weight_decay, **options):
    super().update(p, grad, state, lr=lr, weight_decay=weight_decay, **options)


@mistake(
    "adamw",
    "The weight is shrunk, and then Adam decays it once more. Pass `weight_decay=0` on.",
)
def decays_twice(self, p, grad, state, lr, weight_decay, **options):
    p *= 1 - lr * weight_decay
    super().update(p, grad, state, lr=lr, weight_decay=weight_decay, **options)


@mistake(
    "adamw",
    "The learning rate does not take part: with a decay of 0.01, a weight would lose 1 % in every step, however small "
    "the steps are. The factor is 1 - lr · weight_decay.",
)
def forgets_the_learning_rate(self, p, grad, state, lr, weight_decay, **options):
    p *= 1 - weight_decay
    super().update(p, grad, state, lr=lr, weight_decay=0, **options)


@mistake(
    "adamw",
    "The weight is shrunk after Adam's step, so that the step is shrunk too. The order matters a little: first the "
    "decay, then the step.",
)
def shrinks_afterwards(self, p, grad, state, lr, weight_decay, **options):
    super().update(p, grad, state, lr=lr, weight_decay=0, **options)
    p *= 1 - lr * weight_decay


@mistake(
    "adamw",
    "`p = p * …` makes a new array. Adam then moves that one, and the parameter's array stays as it was. `p *= …` "
    "changes the array itself.",
)
def makes_another_p(self, p, grad, state, lr, weight_decay, **options):
    p = p * (1 - lr * weight_decay)
    super().update(p, grad, state, lr=lr, weight_decay=0, **options)


@mistake(
    "adamw",
    "Adam's `update` wants a weight decay, and you pass none. It shall not decay: `weight_decay=0`.",
)
def passes_no_decay_on(self, p, grad, state, lr, weight_decay, **options):
    p *= 1 - lr * weight_decay
    super().update(p, grad, state, lr=lr, **options)


@right("adamw")
def takes_the_share_off(self, p, grad, state, lr, weight_decay, **options):
    p -= lr * weight_decay * p
    Adam.update(self, p, grad, state, lr, weight_decay=0, **options)


@right("adamw")
def only_if_there_is_decay(self, p, grad, state, lr, weight_decay, **options):
    if weight_decay:
        np.multiply(p, 1 - lr * weight_decay, out=p)
    super().update(p, grad, state, lr=lr, weight_decay=0, betas=options["betas"], eps=options["eps"])
