"""Distributions: a mixture fitted by its likelihood, an actor that draws from a squashed normal, times, shares and counts."""

import torch
import torch.nn.functional as F
from torch import distributions as D
from torch import nn
from torch.distributions import Beta, Dirichlet, Gamma, Normal, TanhTransform, TransformedDistribution
from torch.distributions.kl import kl_divergence


class Mixture(nn.Module):
    def __init__(self, parts, size):
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(parts))
        self.middle = nn.Parameter(torch.randn(parts, size))
        self.width = nn.Parameter(torch.full((parts, size), 0.5))

    def forward(self):
        each = D.Independent(Normal(self.middle, F.softplus(self.width)), reinterpreted_batch_ndims=1)
        return D.MixtureSameFamily(D.Categorical(logits=self.logits), each)


class Twins(nn.Module):
    """Critics side by side in one product."""

    def __init__(self, many, size):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(many, size, 1)), nn.Parameter(torch.zeros(many, 1, 1))
        for weight in self.weight:
            nn.init.kaiming_uniform_(weight.data, a=5**0.5)

    def forward(self, *inputs):
        x = torch.cat(inputs, dim=-1).tanh().expand(size=(len(self.weight), -1, -1))
        return torch.baddbmm(self.bias, x, self.weight).squeeze(-1)


class Actor(nn.Module):
    def __init__(self, seen, does):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(seen, 16), nn.ELU(), nn.Linear(16, 2 * does))
        self.register_buffer("reach", torch.tensor(2.0))

    def forward(self, x):
        middle, width = self.body(x).chunk(2, dim=-1)
        return Normal(middle, width.clamp(-4, 1).exp())

    def act(self, x):
        plain = self(x)
        drawn = plain.loc + plain.scale * torch.randn_like(plain.loc)
        bent = torch.tanh(drawn)
        likely = plain.log_prob(drawn) - torch.log(self.reach * (1 - bent.pow(exponent=2)) + 1e-6)
        return bent * self.reach, likely.sum(dim=-1, keepdim=True)


def fitted(losses):
    which = torch.arange(60) % 3
    points = torch.tensor([[2.0, 2.0], [-2.0, 0.0], [1.0, -3.0]])[which] + 0.3 * torch.randn(60, 2)
    mixture = Mixture(3, 2)
    optimizer = torch.optim.Adam(mixture.parameters(), lr=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        loss = -mixture().log_prob(points).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    losses += [mixture().mean.norm().item(), mixture().variance.sum().item()]


def acted(losses):
    actor, critics, target = Actor(3, 2), Twins(2, 5), Twins(2, 5).requires_grad_(False)
    target.load_state_dict(critics.state_dict())
    log_heat = torch.zeros(1, requires_grad=True)
    moved = [torch.optim.Adam(p, lr=3e-3) for p in (actor.parameters(), critics.parameters(), [log_heat])]
    for _ in range(3):
        seen, then, done = torch.randn(8, 3), torch.randn(8, 3), torch.BoolTensor([True, False] * 4)
        heat = log_heat.exp().item()
        with torch.no_grad():
            next_act, next_likely = actor.act(then)
            value = target(then, next_act).min(dim=0).values - heat * next_likely.view(-1)
            value = -seen.norm(dim=-1) + 0.99 * (~done).float() * value
        guesses = critics(seen, torch.rand(8, 2) * 4 - 2)
        act, likely = actor.act(seen)
        parts = [
            F.mse_loss(guesses, value.expand_as(guesses), reduction="none").mean(1).sum(),
            (heat * likely - critics(seen, act).amin(0).unsqueeze(1)).mean(),
            (-log_heat.exp() * (likely.detach() - 2.0)).mean(),
        ]
        for optimizer, loss in zip(reversed(moved), reversed([parts[1], parts[0], parts[2]])):
            optimizer.zero_grad()
            loss.backward(retain_graph=True)
            losses.append(loss.item())
        for optimizer in moved:
            optimizer.step()
        for slow, fast in zip(target.parameters(), critics.parameters()):
            slow.data.lerp_(fast.data, 0.05)
    squashed = TransformedDistribution(actor(seen), [TanhTransform(cache_size=1)])
    loss = -squashed.log_prob(torch.linspace(-0.9, 0.9, 16).view(8, 2)).sum(-1).mean()
    actor.zero_grad()
    loss.backward()
    losses.append(loss.item())


def counted(losses):
    c, shares = torch.tensor([0.5, 2.0, 3.5], requires_grad=True), torch.tensor([0.2, 0.5, 0.3])
    total = Beta(c, c + 1).log_prob(shares).sum() + Gamma(c, 2.0).log_prob(shares).sum() + Dirichlet(c).log_prob(shares)
    total = total + Beta(c, c + 1).entropy().sum() + Gamma(c, c).entropy().sum() + c.lgamma().sum()
    total = total + D.Poisson(c).log_prob(torch.tensor([0.0, 1.0, 4.0])).sum() + D.Gumbel(c, 1.0).log_prob(shares).sum()
    total = total + kl_divergence(Gamma(c, 1.0), Gamma(2.0, c)).sum() + D.StudentT(c + 2).log_prob(shares).sum()
    total.backward()
    losses += [total.item(), *c.grad.tolist(), Beta(c, 2.0).mean.sum().item()]
    normal = Normal(torch.zeros(4, 2), torch.ones(2))
    assert normal.batch_shape == (4, 2) and normal.event_shape == () and normal.sample((3,)).shape == (3, 4, 2)
    losses += [normal.cdf(shares[:2]).sum().item(), normal.icdf(shares[:2]).sum().item()]


def main(argv=None):
    torch.manual_seed(0)
    losses = []
    fitted(losses), acted(losses), counted(losses)
    return losses


if __name__ == "__main__":
    print(main())
