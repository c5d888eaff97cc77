"""A normalising flow: masks in buffers, lists of parameters, a base distribution; and rings turned into a cloud."""

import math

import torch
import torch.nn as nn
from torch.distributions import Independent, MultivariateNormal, Normal


class Coupling(nn.Module):
    def __init__(self, mask, hidden=16):
        super().__init__()
        self.register_buffer("mask", mask)
        self.nets = nn.ModuleDict(
            {
                "scale": nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, 2), nn.Tanh()),
                "shift": nn.Sequential(nn.Linear(2, hidden), nn.Softplus(), nn.Linear(hidden, 2)),
            }
        )

    def forward(self, x):
        frozen = x * self.mask
        s = self.nets["scale"](frozen) * (1 - self.mask)
        t = self.nets["shift"](frozen) * (1 - self.mask)
        return frozen + (1 - self.mask) * (x * torch.exp(s) + t), s.sum(dim=-1)

    def inverse(self, y):
        frozen = y * self.mask
        s = self.nets["scale"](frozen) * (1 - self.mask)
        t = self.nets["shift"](frozen) * (1 - self.mask)
        return frozen + (1 - self.mask) * ((y - t) * torch.exp(-s))


class Flow(nn.Module):
    def __init__(self, depth=3):
        super().__init__()
        masks = torch.tensor([[0.0, 1.0], [1.0, 0.0]]).repeat(depth, 1)[:depth]
        self.layers = nn.ModuleList(Coupling(mask) for mask in masks)
        self.log_scales = nn.ParameterList([nn.Parameter(torch.zeros(2)) for _ in range(depth)])
        self.register_buffer("loc", torch.zeros(2))
        self.register_buffer("cov", torch.eye(2))

    @property
    def base(self):
        return MultivariateNormal(self.loc, self.cov)

    def log_prob(self, x):
        total = x.new_zeros(x.shape[0])
        for layer, log_scale in zip(self.layers, self.log_scales):
            x, logdet = layer(x)
            x = x * log_scale.exp()
            total = total + logdet + log_scale.sum()
        other = Independent(Normal(self.loc, torch.ones_like(self.loc)), 1)
        assert torch.allclose(other.log_prob(x), self.base.log_prob(x), atol=1e-4)
        return total + self.base.log_prob(x)

    @torch.no_grad()
    def sample(self, n):
        x = torch.randn(n, 2)
        for layer, log_scale in reversed(list(zip(self.layers, self.log_scales))):
            x = layer.inverse(x / log_scale.exp())
        return x


def ring(n):
    angle = torch.rand(n) * 2 * math.pi
    radius = 2 + 0.1 * torch.randn(n)
    return torch.stack((radius * angle.cos(), radius * angle.sin()), dim=-1)


def main(argv=None):
    torch.manual_seed(0)
    model = Flow()
    optimizer = torch.optim.NAdam(model.parameters(), lr=5e-3)
    scheduler = torch.optim.lr_scheduler.SequentialLR(
        optimizer,
        schedulers=[
            torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.1, total_iters=3),
            torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9),
        ],
        milestones=[3],
    )
    losses, rates = [], []
    for _ in range(6):
        x = ring(32)
        loss = -model.log_prob(x).mean()
        optimizer.zero_grad()
        loss.backward()
        total = torch.norm(torch.stack([p.grad.detach().norm(2) for p in model.parameters() if p.grad is not None]), 2)
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
        rates.append(scheduler.get_last_lr()[0])
    assert torch.isfinite(total)
    x = ring(8)
    for layer in model.layers:
        y, _ = layer(x)
        torch.testing.assert_close(layer.inverse(y), x, rtol=1e-4, atol=1e-4)
    return losses + rates + [model.sample(16).norm(dim=1).mean().item()]


if __name__ == "__main__":
    print(main())
