# ruff: noqa: F821
import math

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "plain_adam",
    "The means are not corrected for their start at 0, so the first steps are far too long or too short. Divide by what "
    "share of the mean is made of gradients: 1 - beta to the power of the step.",
)
def does_not_correct(p, grad, state, lr, betas=(0.9, 0.999), eps=1e-8):
    state["step"] = state.get("step", 0) + 1
    state["exp_avg"] = beta1 * state.get("exp_avg", 0) + (1 - beta1) * grad
    state["exp_avg_sq"] = beta2 * state.get("exp_avg_sq", 0) + (1 - beta2) * grad**2
    return p - lr * state["exp_avg"] / (np.sqrt(state["exp_avg_sq"]) + eps)


@mistake(
    "plain_adam",
    "The corrected means are put into the state, and are corrected once more in the next step. The state keeps the means "
    "as they are; the correction is for this step only.",
)
def keeps_the_corrected_means(p, grad, state, lr, betas=(0.9, 0.999), eps=1e-8):
    state["step"] = t = state.get("step", 0) + 1
    mean = (beta1 * state.get("exp_avg", 0) + (1 - beta1) * grad) / (1 - beta1**t)
    square = (beta2 * state.get("exp_avg_sq", 0) + (1 - beta2) * grad**2) / (1 - beta2**t)
    state["exp_avg"], state["exp_avg_sq"] = mean, square
    return p - lr * mean / (np.sqrt(square) + eps)


@mistake(
    "plain_adam",
    "eps is added before the root is taken. That is another number: the root of 1e-8 is 0.0001. Adam adds eps to the root.",
)
def adds_eps_inside_of_the_root(p, grad, state, lr, betas=(0.9, 0.999), eps=1e-8):
    state["step"] = t = state.get("step", 0) + 1
    state["exp_avg"] = beta1 * state.get("exp_avg", 0) + (1 - beta1) * grad
    state["exp_avg_sq"] = beta2 * state.get("exp_avg_sq", 0) + (1 - beta2) * grad**2
    mean, square = state["exp_avg"] / (1 - beta1**t), state["exp_avg_sq"] / (1 - beta2**t)
    return p - lr * mean / np.sqrt(square + eps)


@mistake(
    "plain_adam",
    "The gradient itself is divided, not its running mean: that is RMSprop with a correction. Where gradients change "
    "their sign, the steps must become short.",
)
def divides_the_gradient(p, grad, state, lr, betas=(0.9, 0.999), eps=1e-8):
    state["step"] = t = state.get("step", 0) + 1
    state["exp_avg"] = beta1 * state.get("exp_avg", 0) + (1 - beta1) * grad
    state["exp_avg_sq"] = beta2 * state.get("exp_avg_sq", 0) + (1 - beta2) * grad**2
    square = state["exp_avg_sq"] / (1 - beta2**t)
    return p - lr * grad / (np.sqrt(square) + eps)


@mistake(
    "plain_adam",
    "The step count stays at 1, so every step is corrected as if it were the first. Put the count back into the state.",
)
def does_not_count(p, grad, state, lr, betas=(0.9, 0.999), eps=1e-8):
    t = state.setdefault("step", 1)
    state["exp_avg"] = beta1 * state.get("exp_avg", 0) + (1 - beta1) * grad
    state["exp_avg_sq"] = beta2 * state.get("exp_avg_sq", 0) + (1 - beta2) * grad**2
    mean, square = state["exp_avg"] / (1 - beta1**t), state["exp_avg_sq"] / (1 - beta2**t)
    return p - lr * mean / (np.sqrt(square) + eps)


@mistake(
    "plain_adam",
    "The second mean is the square of the first. It must be the mean of the squares: a gradient of 3 and then -3 has "
    "mean 0, but is usually of size 3.",
)
def squares_the_mean(p, grad, state, lr, betas=(0.9, 0.999), eps=1e-8):
    state["step"] = t = state.get("step", 0) + 1
    state["exp_avg"] = beta1 * state.get("exp_avg", 0) + (1 - beta1) * grad
    mean = state["exp_avg"] / (1 - beta1**t)
    state["exp_avg_sq"] = beta2 * state.get("exp_avg_sq", 0) + (1 - beta2) * mean**2
    square = state["exp_avg_sq"] / (1 - beta2**t)
    return p - lr * mean / (np.sqrt(square) + eps)


@mistake(
    "plain_adam",
    "The first step has the number 0 here, and 1 - beta⁰ is 0. Count before you correct: t is 1 the first time.",
)
def counts_from_0(p, grad, state, lr, betas=(0.9, 0.999), eps=1e-8):
    t = state.get("step", 0)
    mean = beta1 * state.get("exp_avg", 0) + (1 - beta1) * grad
    square = beta2 * state.get("exp_avg_sq", 0) + (1 - beta2) * grad**2
    state["exp_avg"], state["exp_avg_sq"], state["step"] = mean, square, t + 1
    return p - lr * mean / (1 - beta1**t) / (np.sqrt(square / (1 - beta2**t)) + eps)


@mistake(
    "plain_adam",
    "`/=` corrects the very arrays that you have put into the state, so they are corrected again in the next step. Make new "
    "ones: `mean / (1 - beta1**t)`.",
)
def corrects_in_place(p, grad, state, lr, betas=(0.9, 0.999), eps=1e-8):
    state["step"] = t = state.get("step", 0) + 1
    mean = beta1 * state.get("exp_avg", 0) + (1 - beta1) * grad
    square = beta2 * state.get("exp_avg_sq", 0) + (1 - beta2) * grad**2
    state["exp_avg"], state["exp_avg_sq"] = mean, square
    mean /= 1 - beta1**t
    square /= 1 - beta2**t
    return p - lr * mean / (np.sqrt(square) + eps)


@right("plain_adam")
def starts_with_zeros(p, grad, state, lr, betas=(0.9, 0.999), eps=1e-8):
    if not state:
        state.update(step=0, exp_avg=np.zeros_like(p), exp_avg_sq=np.zeros_like(p))
    state["step"] += 1
    state["exp_avg"] = state["exp_avg"] + (1 - beta1) * (grad - state["exp_avg"])
    state["exp_avg_sq"] = state["exp_avg_sq"] + (1 - beta2) * (grad * grad - state["exp_avg_sq"])
    full1, full2 = 1 - beta1 ** state["step"], 1 - beta2 ** state["step"]
    return p - lr / full1 * state["exp_avg"] / (np.sqrt(state["exp_avg_sq"] / full2) + eps)


@right("plain_adam")
def corrects_the_whole(p, grad, state, lr, betas=(0.9, 0.999), eps=1e-8):
    t = state.get("step", 0) + 1
    mean = beta1 * state.get("exp_avg", 0) + (1 - beta1) * grad
    square = beta2 * state.get("exp_avg_sq", 0) + (1 - beta2) * grad**2
    state.update(step=t, exp_avg=mean, exp_avg_sq=square)
    full = math.sqrt(1 - beta2**t)
    return p - lr * full / (1 - beta1**t) * mean / (np.sqrt(square) + eps * full)
