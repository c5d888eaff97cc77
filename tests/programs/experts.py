"""Experts, of which a gate chooses two for each sample, all of them in one tensor beside; samples that are dicts, by parts."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader, Dataset, random_split


class Sparse(nn.Module):
    """Each expert sees only the rows that chose it."""

    def __init__(self, size, experts, chosen):
        super().__init__()
        self.chosen = chosen
        self.gate, self.noise = nn.Linear(size, experts), nn.Linear(size, experts)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(size, 2 * size), nn.ReLU(), nn.Linear(2 * size, size)) for _ in range(experts)
        )
        self.register_buffer("asked", torch.zeros(experts, dtype=torch.long))

    def forward(self, x):
        clean = self.gate(x)
        scores = clean + torch.randn_like(clean) * F.softplus(self.noise(x))
        top, which = torch.topk(scores, self.chosen, dim=-1)
        shares = torch.full_like(scores, float("-inf")).scatter(-1, which, top).softmax(dim=-1)
        out = torch.zeros_like(x)
        for number, expert in enumerate(self.experts):
            rows = torch.where((which == number).any(dim=-1))[0]
            if rows.numel() > 0:
                out = out.index_add(0, rows, expert(x[rows]) * shares[rows, number].unsqueeze(1))
        counts = F.one_hot(which, len(self.experts)).sum(dim=(0, 1))
        self.asked += counts
        uneven = len(self.experts) * (clean.softmax(-1).mean(0) * counts / which.numel()).sum()
        return out, uneven


class Soft(nn.Module):
    """All experts at once, each in its share: their weights are one tensor."""

    def __init__(self, size, experts, hidden):
        super().__init__()
        self.up, self.down = (nn.Parameter(torch.empty(experts, *shape)) for shape in ((size, hidden), (hidden, size)))
        self.gate = nn.Parameter(torch.zeros(size, experts))
        for weight in (self.up, self.down):
            nn.init.xavier_normal_(weight)

    def forward(self, x):
        shares = torch.einsum("td,de->te", x, self.gate).softmax(-1)
        hidden = F.gelu(torch.einsum("td,edh->eth", x, self.up))
        return torch.einsum("eth,ehd,te->td", hidden, self.down, shares)


class Clouds(Dataset):
    def __init__(self, n, transform=None):
        super().__init__()
        self.x = torch.randn(n, 10)
        self.y = (self.x[:, :3].sum(1) > 0).long() + (self.x[:, 4] > 0.5).long()
        self.transform = transform

    def __len__(self) -> int:
        return self.x.shape[0]

    def __getitem__(self, index):
        sample = {"x": self.x[index], "y": self.y[index], "name": f"cloud {index}"}
        return self.transform(sample) if self.transform else sample


def main(argv=None):
    torch.manual_seed(0)
    clouds = Clouds(48, transform=lambda sample: sample | {"x": sample["x"] * 0.5})
    known, new = random_split(clouds, [0.75, 0.25], generator=torch.Generator().manual_seed(42))
    loader = DataLoader(known, batch_size=12, shuffle=True, drop_last=True)
    model = nn.ModuleDict(
        {"into": nn.Linear(10, 8), "sparse": Sparse(8, 4, 2), "soft": Soft(8, 3, 16), "out": nn.Linear(8, 3)}
    )
    slow = {"params": model["sparse"].parameters(), "lr": 3e-3, "name": "sparse"}
    rest = {"params": [p for key in ("into", "soft", "out") for p in model[key].parameters()]}
    optimizer = torch.optim.Adam([slow, rest], lr=1e-2)
    schedule = LambdaLR(optimizer, lr_lambda=[lambda epoch: 0.9**epoch, lambda epoch: min(1.0, (epoch + 1) / 3)])
    losses = []
    for _ in range(3):
        for batch in loader:
            assert isinstance(batch["name"], list) and batch["name"][0].startswith("cloud")
            hidden = model["into"](batch["x"])
            more, uneven = model["sparse"](hidden)
            hidden = hidden + more
            hidden = hidden + model["soft"](hidden)
            loss = F.cross_entropy(model["out"](hidden), batch["y"], label_smoothing=0.1) + 0.01 * uneven
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        schedule.step()
        losses += schedule.get_last_lr()
    right = torch.zeros(3).int()
    with torch.no_grad():
        for batch in DataLoader(new, batch_size=5):
            guess = model["out"](model["soft"](model["into"](batch["x"]))).argmax(dim=1)
            right.index_add_(0, batch["y"], (guess == batch["y"]).int())
    return [*losses, model["sparse"].asked.sum().item(), *right.tolist()]


if __name__ == "__main__":
    print(main())
