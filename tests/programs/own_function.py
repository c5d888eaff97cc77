"""Operations with a backward pass of one's own: a polynomial, and rounding that lets gradients through."""

import math

import torch


class Chebyshev3(torch.autograd.Function):
    """4 x^3 - 3 x."""

    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return 4 * input**3 - 3 * input

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        return grad_output * (12 * input**2 - 3)


class RoundTo(torch.autograd.Function):
    """The nearest multiple of `step`; going backward it counts as the input itself within the limits."""

    @staticmethod
    def forward(ctx, x, step, limit):
        ctx.limit = limit
        ctx.save_for_backward(x)
        return torch.round(x / step) * step

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        grad_input = grad_output.clone()
        grad_input[x.abs() > ctx.limit] = 0
        return grad_input, None, None


def main(argv=None):
    x = torch.linspace(-math.pi, math.pi, 100)
    y = torch.sin(x)
    a = torch.full((), 0.0, requires_grad=True)
    b = torch.full((), -1.0, requires_grad=True)
    c = torch.full((), 0.0, requires_grad=True)
    d = torch.full((), 0.3, requires_grad=True)
    losses = []
    for _ in range(5):
        T3 = Chebyshev3.apply
        y_pred = a + b * T3(c + d * x)
        loss = (y_pred - y).pow(2).sum()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for p in [a, b, c, d]:
                p -= 1e-4 * p.grad
                p.grad = None

    weight = torch.randn(6, 3, requires_grad=True)
    inputs, targets = torch.randn(20, 6), torch.randn(20, 3)
    optimizer = torch.optim.SGD([weight], lr=0.1)
    for _ in range(5):
        loss = ((inputs @ RoundTo.apply(weight, 0.25, 1.5) - targets) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


if __name__ == "__main__":
    print(main())
