"""Two towers that learn which pairs belong together: a matrix of cosines, a learnt temperature, hooks and frozen parts."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils import weight_norm


class Encoder(nn.Module):
    def __init__(self, width, embed):
        super().__init__()
        self.conv = nn.Sequential(
            nn.utils.parametrizations.weight_norm(nn.Conv1d(1, width, 3, padding=2, dilation=2)),
            nn.PReLU(),
            nn.AdaptiveMaxPool1d(4),
            nn.Flatten(),
        )
        self.proj = nn.Linear(width * 4, embed, bias=False)

    def forward(self, x):
        return self.proj(self.conv(x.unsqueeze(1)))


class CLIP(nn.Module):
    def __init__(self):
        super().__init__()
        self.left, self.right = (
            Encoder(6, 8),
            nn.Sequential(weight_norm(nn.Linear(10, 16)), nn.Mish(), nn.Linear(16, 8)),
        )
        self.logit_scale = nn.Parameter(torch.ones([]) * torch.tensor(1 / 0.07).log())

    def forward(self, a, b):
        a, b = self.left(a), self.right(b)
        a = a / a.norm(dim=1, keepdim=True)
        b = F.normalize(b, dim=-1)
        logits = self.logit_scale.exp() * a @ b.t()
        return logits, logits.T


def info_nce(z, temperature):
    n = z.size(0)
    similarity = F.cosine_similarity(z.unsqueeze(1), z.unsqueeze(0), dim=-1) / temperature
    similarity = similarity.masked_fill(torch.eye(n, dtype=torch.bool), -9e15)
    positive = torch.eye(n, dtype=torch.bool).roll(shifts=n // 2, dims=0)
    return (-similarity[positive] + torch.logsumexp(similarity, dim=-1)).mean()


def main(argv=None):
    torch.manual_seed(0)
    model = CLIP()
    for p in model.left.conv.parameters():
        if p.ndim > 1:
            nn.init.normal_(p, std=0.5)
    nn.init.uniform_(model.left.conv[0].bias, -0.1, 0.1)
    seen, norms = {}, []

    def hook(module, args, output):
        seen[module.__class__.__name__] = output.detach().abs().mean().item()

    handles = [m.register_forward_hook(hook) for m in model.modules() if isinstance(m, (nn.Linear, nn.Mish))]
    model.logit_scale.register_hook(lambda grad: grad * 0.5)
    model.left.proj.register_full_backward_hook(lambda module, gin, gout: norms.append(gout[0].norm().item()))
    for p in model.right[2].parameters():
        p.requires_grad_(False)
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=1e-2, weight_decay=0.2)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=2e-2, total_steps=6)
    labels, losses = torch.arange(8), []
    for _ in range(5):
        base = torch.randn(8, 10)
        a, b = base.repeat(1, 2) + 0.1 * torch.randn(8, 20), base * 2
        per_left, per_right = model(a, b)
        loss = (F.cross_entropy(per_left, labels) + F.cross_entropy(per_right, labels)) / 2
        loss = loss + 0.1 * info_nce(torch.cat([model.left(a), model.right(b)]), 0.5)
        loss = loss + F.triplet_margin_loss(model.left(a), model.right(b).detach(), model.right(b.flip(0)).detach())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        scheduler.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, 4.6052)
        losses.append(loss.item())
    for handle in handles:
        handle.remove()
    ranks = (per_left.detach().argsort(dim=1, descending=True) == labels[:, None]).nonzero()[:, 1]
    losses += [seen["Mish"], norms[-1], ranks.float().mean().item()]
    return losses


if __name__ == "__main__":
    print(main())
