# ruff: noqa: F821
import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "gradient_flow",
    "That is the mean. Positive and negative values cancel in it, so a large gradient can look small. Square first.",
)
def takes_the_mean(model):
    return {n: float(p.grad.data.astype(np.float64).mean()) for n, p in model.named_parameters() if p.grad is not None}


@mistake(
    "gradient_flow",
    "That is the mean of the absolute values. What is asked for is the root of the mean of the squares.",
)
def takes_the_mean_size(model):
    return {
        n: float(np.abs(p.grad.data.astype(np.float64)).mean())
        for n, p in model.named_parameters()
        if p.grad is not None
    }


@mistake(
    "gradient_flow",
    "That is the root of the **sum** of the squares, which is larger for larger layers. Take the mean.",
)
def takes_the_norm(model):
    return {
        n: float(np.linalg.norm(p.grad.data.astype(np.float64)))
        for n, p in model.named_parameters()
        if p.grad is not None
    }


@mistake(
    "gradient_flow",
    "The standard deviation takes the mean off first. A gradient that is the same everywhere would count as none.",
)
def takes_the_deviation(model):
    return {n: float(p.grad.data.astype(np.float64).std()) for n, p in model.named_parameters() if p.grad is not None}


@mistake(
    "gradient_flow",
    "The squares are computed in float32: tiny ones become 0, huge ones infinite. Convert to float64 before squaring.",
)
def squares_in_float32(model):
    return {n: float(np.sqrt(np.mean(p.grad.data**2))) for n, p in model.named_parameters() if p.grad is not None}


@mistake(
    "gradient_flow",
    "The last step is missing: the root. Squares exaggerate: half a gradient looks like a quarter.",
)
def forgets_the_root(model):
    return {
        n: float(np.mean(p.grad.data.astype(np.float64) ** 2))
        for n, p in model.named_parameters()
        if p.grad is not None
    }


@mistake(
    "gradient_flow",
    "A parameter without a gradient is reported as 0. That looks like a gradient that vanished. Leave it out.",
)
def reports_zero(model):
    return {
        n: 0.0 if p.grad is None else float(np.sqrt(np.mean(p.grad.data.astype(np.float64) ** 2)))
        for n, p in model.named_parameters()
    }


@mistake(
    "gradient_flow",
    "The squares are computed in float32, where tiny ones become 0 and huge ones infinite: convert to float64 first. And "
    "what comes out is NumPy's number: make a Python `float` of it.",
)
def squares_in_float32_and_keeps_numpys_numbers(model):
    named = model.named_parameters()
    return {name: np.sqrt((p.grad.data**2).mean()) for name, p in named if p.grad is not None}


@mistake("gradient_flow", "The numbers are NumPy's. Make Python's of them, with `float(…)`.")
def keeps_numpys_numbers(model):
    named = model.named_parameters()
    return {name: np.sqrt((p.grad.data.astype(np.float64) ** 2).mean()) for name, p in named if p.grad is not None}


@mistake(
    "gradient_flow",
    "A parameter may have no gradient: its `grad` is None, and None has no values. Leave it out.",
)
def expects_a_gradient(model):
    named = model.named_parameters()
    return {name: float(np.sqrt((p.grad.data.astype(np.float64) ** 2).mean())) for name, p in named}


@mistake(
    "gradient_flow",
    "`p.grad` is a tensor, and NumPy's functions want its array: `p.grad.data`.",
)
def gives_numpy_a_tensor(model):
    named = model.named_parameters()
    return {name: float(np.sqrt((p.grad.astype("float64") ** 2).mean())) for name, p in named if p.grad is not None}


@mistake("gradient_flow", "These are the sizes of the parameters. Their gradients are in `grad`: `p.grad.data`.")
def measures_the_parameters(model):
    named = model.named_parameters()
    return {name: float(np.sqrt((p.data.astype(np.float64) ** 2).mean())) for name, p in named if p.grad is not None}


@right("gradient_flow")
def with_norm(model):
    flow = {}
    for name, p in model.named_parameters():
        if p.grad is None:
            continue
        grad = p.grad.astype(np.float64).numpy()
        flow[name] = float(np.linalg.norm(grad) / np.sqrt(grad.size))
    return flow


@right("gradient_flow")
def with_tensors(model):
    grads = {n: p.grad.astype(np.float64) for n, p in model.named_parameters() if p.grad is not None}
    return {n: (g * g).mean().sqrt().item() for n, g in grads.items()}
