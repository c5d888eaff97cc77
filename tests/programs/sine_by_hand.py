"""A cubic for a sine: four numbers, moved by hand, first without autograd and then with it."""

import math

import torch


def gradients_by_hand(x, y, steps, lr):
    """Everything written out: the model, its loss and the derivative of each coefficient."""
    a, b, c, d = (torch.zeros(()) for _ in range(4))
    losses = []
    for _ in range(steps):
        apart = a + b * x + c * x**2 + d * x**3 - y
        losses.append(apart.pow(2).sum().item())
        slope = 2.0 * apart
        a -= lr * slope.sum()
        b -= lr * (slope * x).sum()
        c -= lr * (slope * x**2).sum()
        d -= lr * (slope * x**3).sum()
    return losses


def gradients_by_autograd(x, y, steps, lr, device, dtype):
    """The same coefficients as leaves that require gradients."""
    a, b, c, d = (torch.zeros((), device=device, dtype=dtype, requires_grad=True) for _ in range(4))
    losses = []
    for step in range(steps):
        y_pred = a + b * x + c * x**2 + d * x**3
        loss = (y_pred - y).pow(2).sum()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
            c -= lr * c.grad
            d -= lr * d.grad
            if step % 2:
                a.grad = b.grad = c.grad = d.grad = None
            else:
                for p in (a, b, c, d):
                    p.grad.zero_()
    print(f"y = {a.item():.4f} + {b.item():.4f} x + {c.item():.4f} x^2 + {d.item():.4f} x^3")
    return losses


def main(argv=None):
    dtype = torch.float
    device = torch.device("cpu")
    x = torch.linspace(-math.pi, math.pi, 200, device=device, dtype=dtype)
    y = torch.sin(x)
    losses = gradients_by_hand(x, y, steps=5, lr=1e-5)
    losses += gradients_by_autograd(x, y, steps=5, lr=1e-5, device=device, dtype=dtype)
    return losses


if __name__ == "__main__":
    print(main())
