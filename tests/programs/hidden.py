"""Pictures of which most is hidden, and a decoder that fills it in; classes from few samples; places along rays."""

from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Sampler, TensorDataset


class DropPath(nn.Module):
    """In training, some samples go past."""

    def __init__(self, p=0.0):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        kept = torch.rand((len(x),) + (1,) * (x.ndim - 1), dtype=x.dtype, device=x.device) + (1 - self.p)
        return x.div(1 - self.p) * kept.floor_()


class Block(nn.Module):
    def __init__(self, size, heads, drop=0.0, norm=nn.LayerNorm):
        super().__init__()
        self.heads, self.norms = heads, nn.ModuleList([norm(size), norm(size)])
        self.three, self.out = nn.Linear(size, 3 * size), nn.Linear(size, size)
        self.mlp = nn.Sequential(nn.Linear(size, 2 * size), nn.GELU(), nn.Linear(2 * size, size))
        self.drop = DropPath(drop) if drop > 0 else nn.Identity()

    def forward(self, x):
        n, length, size = x.shape
        q, k, v = self.three(self.norms[0](x)).reshape(n, length, 3, self.heads, -1).permute(dims=(2, 0, 3, 1, 4))
        weights = (q @ k.transpose(-2, -1) * q.size(-1) ** -0.5).softmax(dim=-1)
        x = x + self.drop(self.out((weights @ v).transpose(1, 2).reshape(shape=(n, length, size))))
        return x + self.drop(self.mlp(self.norms[1](x)))


class Hidden(nn.Module):
    def __init__(self, picture=12, patch=4, size=16, depth=2, norm=partial(nn.LayerNorm, eps=1e-6)):
        super().__init__()
        self.patch, self.many = patch, (picture // patch) ** 2
        self.cut = nn.Conv2d(1, size, kernel_size=patch, stride=patch)
        self.places = nn.Parameter(torch.zeros(1, self.many, size), False)
        self.mask = nn.Parameter(torch.zeros(1, 1, size))
        drops = [p.item() for p in torch.linspace(0, 0.2, depth)]
        self.encoder = nn.Sequential(*[Block(size, 2, p, norm) for p in drops])
        self.decoder = nn.Sequential(Block(size, 2, norm=norm), norm(size), nn.Linear(size, patch**2))
        angles = np.arange(self.many)[:, None] / 10 ** (np.arange(size // 2) / size)
        self.places.data.copy_(
            torch.from_numpy(np.concatenate([np.sin(angles), np.cos(angles)], 1)).float().unsqueeze(0)
        )
        nn.init.xavier_uniform_(self.cut.weight.data.view([size, -1]))
        self.apply(self.start)

    @staticmethod
    def start(module):
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.constant_(module.bias, 0)

    def patches(self, x):
        n, p, side = len(x), self.patch, x.shape[-1] // self.patch
        return torch.einsum("nchpwq->nhwpqc", x.reshape(shape=(n, 1, side, p, side, p))).reshape(
            shape=(n, self.many, p * p)
        )

    def forward(self, x, hidden=0.6):
        seen = self.cut(x).flatten(2).transpose(1, 2) + self.places
        keep = int(self.many * (1 - hidden))
        order = torch.rand(len(x), self.many).argsort(dim=1)
        back = torch.argsort(order, dim=1)
        some = torch.take_along_dim(seen, order[:, :keep, None], dim=1)
        some = self.encoder(some)
        full = torch.cat([some, self.mask.repeat(repeats=(len(x), self.many - keep, 1))], dim=1)
        full = full.gather(1, back.unsqueeze(-1).expand(-1, -1, full.size(-1))) + self.places
        mask = torch.ones([len(x), self.many])
        mask[:, :keep] = 0
        mask = torch.gather(mask, dim=1, index=back)
        wanted = self.patches(x)
        wanted = (wanted - wanted.mean(-1, keepdim=True)) / (wanted.var(dim=-1, keepdim=True) + 1e-6) ** 0.5
        loss = (self.decoder(full) - wanted).pow(2).mean(dim=-1)
        return (loss * mask).sum() / mask.sum()


class Episodes(Sampler):
    """Some samples of some classes."""

    def __init__(self, labels, ways, each, many):
        self.of = {c.item(): torch.nonzero(labels == c, as_tuple=False).view(-1) for c in torch.unique(labels)}
        self.ways, self.each, self.many = ways, each, many

    def __len__(self):
        return self.many

    def __iter__(self):
        for _ in range(self.many):
            classes = torch.randperm(len(self.of))[: self.ways]
            yield torch.cat([self.of[c.item()][torch.randperm(len(self.of[c.item()]))[: self.each]] for c in classes])


def prototypes(z, labels, support):
    classes, numbers = torch.unique(labels, return_inverse=True)
    rows = [torch.where(numbers == i)[0] for i in range(len(classes))]
    middles = torch.stack([z[r[:support]].mean(0) for r in rows])
    rest = torch.cat([r[support:] for r in rows])
    apart = torch.cdist(z[rest], middles)
    return F.cross_entropy(-apart.square(), numbers[rest]), (apart.min(1)[1] == numbers[rest]).float().mean()


def drawn_along(rays, weights, many):
    """Places along rays, more of them where the weights are large."""
    share = torch.cumsum(weights / weights.sum(-1, keepdim=True), -1)
    share = F.pad(share, (1, 0))
    u = torch.rand([*share.shape[:-1], many])
    above = torch.searchsorted(share, u, right=True).clamp(max=share.shape[-1] - 1)
    low, high = (torch.gather(share, -1, at) for at in (above - 1, above))
    start, end = (torch.gather(rays.expand(share.shape), -1, at) for at in (above - 1, above))
    return start + (u - low) / torch.where(high - low < 1e-5, torch.ones_like(low), high - low) * (end - start)


def main(argv=None):
    torch.manual_seed(0)
    model, losses = Hidden(), []
    decay = [p for n, p in model.named_parameters() if p.requires_grad and not (p.ndim == 1 or n.endswith(".bias"))]
    rest = [p for p in model.parameters() if p.requires_grad and all(p is not q for q in decay)]
    groups = [{"params": rest, "weight_decay": 0.0}, {"params": decay, "weight_decay": 0.05, "lr_scale": 1.0}]
    optimizer = torch.optim.AdamW(groups, lr=2e-3, betas=(0.9, 0.95))
    t = torch.linspace(0, 3, 12)
    for _ in range(3):
        pictures = torch.sin(t[None, :, None] * (1 + torch.rand(4, 1, 1) * 3) + t[None, None, :])[:, None]
        loss = model(pictures)
        if not torch.isfinite(loss):
            raise ValueError(f"the loss is {loss.item()}")
        optimizer.zero_grad()
        loss.backward()
        norms = torch.stack([torch.norm(p.grad.detach(), 2.0) for p in model.parameters() if p.grad is not None])
        optimizer.step()
        losses += [loss.item(), torch.norm(norms, 2.0).item()]
    labels = torch.arange(4).repeat_interleave(8)
    points = torch.randn(4, 6)[labels] + 0.3 * torch.randn(32, 6)
    encoder = nn.Sequential(nn.Linear(6, 12), nn.BatchNorm1d(12), nn.Softplus(2, 1), nn.Linear(12, 4))
    optimizer = torch.optim.SGD([{"params": encoder.parameters(), "fix_lr": True}], lr=0.05, momentum=0.9)
    for x, y in DataLoader(TensorDataset(points, labels), batch_sampler=Episodes(labels, 3, 6, 3)):
        loss, right = prototypes(encoder(x), y, 2)
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        optimizer.step()
        losses += [loss.item(), right.item()]
    weights = torch.rand(3, 5) + 0.1
    places, _ = drawn_along(torch.linspace(0, 1, 6), weights, 7).sort(dim=-1)
    gaps = torch.diff(places, prepend=torch.zeros(3, 1), dim=-1)
    return [*losses, *gaps.mean(0).tolist(), torch.quantile(places, 0.3, interpolation="lower").item()]


if __name__ == "__main__":
    print(main())
