"""A decoder as they are built now: root mean squares, positions as rotations, shared keys, gates, kept keys, beams and top-p."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def rotations(size: int, length: int, base: float = 100.0) -> Tensor:
    angles = torch.outer(torch.arange(length).float(), base ** -(torch.arange(0, size, 2) / size))
    return torch.stack([angles.cos(), angles.sin()], dim=-1)  # (length, size / 2, 2)


def rotated(x: Tensor, turns: Tensor) -> Tensor:
    a, b = x.float().unflatten(-1, (-1, 2)).unbind(-1)  # (batch, heads, length, size / 2)
    cos, sin = turns.unbind(dim=-1)
    return torch.stack((a * cos - b * sin, a * sin + b * cos), dim=-1).flatten(-2).type_as(x)


class RootMeanSquare(nn.Module):
    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps))

    def extra_repr(self):
        return f"{tuple(self.weight.shape)}, eps={self.eps}"


class Attention(nn.Module):
    def __init__(self, size, heads, shared, length):
        super().__init__()
        self.heads, self.shared, self.each = heads, shared, size // heads
        self.query = nn.Linear(size, size, bias=False)
        self.key_value = nn.Linear(size, 2 * shared * self.each, bias=False)
        self.out = nn.Linear(size, size, bias=False)
        hidden = torch.full((length, length), -torch.inf).triu(diagonal=1)
        self.register_buffer("hidden", hidden, persistent=False)
        self.register_buffer("turns", rotations(self.each, length), persistent=False)

    def forward(self, x, kept=None):
        n, length, _ = x.size()
        start = 0 if kept is None else kept[0].size(2)
        turns = self.turns[start : start + length]
        q = self.query(x).view(n, length, self.heads, self.each).transpose(1, 2)
        k, v = self.key_value(x).view(n, length, self.shared, 2, self.each).permute(3, 0, 2, 1, 4).contiguous()
        q, k = rotated(q, turns), rotated(k, turns)
        if kept is not None:
            k, v = (torch.cat(pair, dim=2) for pair in zip(kept, (k, v)))
        many_k, many_v = (t.repeat_interleave(self.heads // self.shared, dim=1) for t in (k, v))
        scores = q @ many_k.mT / math.sqrt(self.each) + self.hidden[start : start + length, : start + length]
        x = torch.einsum("bhqk,bhkd->bqhd", F.softmax(scores, dim=-1, dtype=torch.float32), many_v)
        return self.out(x.reshape(n, length, -1)), (k.detach(), v.detach())


class Gated(nn.Module):
    def __init__(self, size, hidden):
        super().__init__()
        self.both, self.back = nn.Linear(size, 2 * hidden, bias=False), nn.Linear(hidden, size, bias=False)

    def forward(self, x):
        gate, value = self.both(x).chunk(2, dim=-1)
        return self.back(F.silu(gate) * value)


class Decoder(nn.Module):
    def __init__(self, letters=12, size=16, layers=2, length=16):
        super().__init__()
        self.embed = nn.Embedding(letters, size)
        self.blocks = nn.ModuleList(
            nn.ModuleDict(
                {
                    "before": RootMeanSquare(size),
                    "attention": Attention(size, 4, 2, length),
                    "between": nn.RMSNorm(size, eps=1e-6),
                    "gated": Gated(size, 24),
                }
            )
            for _ in range(layers)
        )
        self.after = RootMeanSquare(size)
        self.head = nn.Linear(size, letters, bias=False)
        self.head.weight = self.embed.weight
        for name, p in self.named_parameters():
            if p.dim() > 1:
                nn.init.normal_(p, std=0.3 / math.sqrt(2 * layers) if name.endswith("out.weight") else 0.3)

    def forward(self, letters, kept=None):
        x, keep = self.embed(letters), []
        for block, old in zip(self.blocks, kept or [None] * len(self.blocks)):
            more, new = block["attention"](block["before"](x), old)
            x = x + more
            x = x + block["gated"](block["between"](x))
            keep.append(new)
        return self.head(self.after(x)), keep


def of_the_likeliest(logits: Tensor, share: float) -> Tensor:
    """One of the letters that together have this share."""
    p, letter = F.softmax(logits, dim=-1).sort(dim=-1, descending=True)
    p[p.cumsum(-1) - p > share] = 0.0
    p /= p.sum(dim=-1, keepdim=True)
    return letter.gather(-1, torch.multinomial(p, num_samples=1))


@torch.inference_mode()
def written(model, start, steps, share=0.9):
    letters = torch.tensor([start])
    logits, kept = model(letters)
    for _ in range(steps):
        letters = torch.cat([letters, of_the_likeliest(logits[:, -1], share)], dim=1)
        logits, kept = model(letters[:, -1:], kept)
    return letters[0].tolist(), logits[0, -1]


@torch.no_grad()
def searched(model, start, steps, width=3):
    beams, scores = torch.tensor([start]), torch.zeros(1)
    for _ in range(steps):
        more = model(beams)[0][:, -1].log_softmax(dim=-1)
        scores, places = (scores[:, None] + more).flatten().topk(width)
        rows = torch.div(places, more.size(-1), rounding_mode="floor")
        beams = torch.hstack([beams[rows], (places % more.shape[-1]).unsqueeze(1)])
    best = int(scores.argmax())
    return beams[best].tolist(), scores[best].item() / steps


def rate(step, high=2e-2, warm=3, total=10):
    if step < warm:
        return high * (step + 1) / warm
    return high / 10 + 0.5 * (high - high / 10) * (1 + math.cos(math.pi * min(1.0, (step - warm) / (total - warm))))


def main(argv=None):
    torch.manual_seed(1)
    model = Decoder()
    matrices = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": matrices, "weight_decay": 0.1, "name": "matrices"}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-2, betas=(0.9, 0.95), fused=False)
    text, losses = torch.arange(150) * 5 % 12, []
    for step in range(5):
        for group in optimizer.param_groups:
            group["lr"] = rate(step) * (0.5 if group.get("name") == "matrices" else 1.0)
        for part in range(2):
            at = torch.randint(len(text) - 11, (4,))
            x, y = (torch.stack([text[i + more : i + more + 10] for i in at]) for more in (0, 1))
            loss = F.cross_entropy(model(x)[0].view(-1, 12), y.view(-1), ignore_index=-1)
            (loss / 2).backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        print(f"{step}: {loss.item():.4f}, norm {norm:.3f}")
        losses += [loss.item(), norm.item()]
    letters, last = written(model, [0, 5, 10], 6)
    assert torch.allclose(model(torch.tensor([letters]))[0][0, -1], last, atol=1e-4)
    found, score = searched(model, [0, 5, 10], 4)
    return [*losses, score, float(sum(found)), float(sum(p.numel() for p in model.parameters()))]


if __name__ == "__main__":
    print(main())
