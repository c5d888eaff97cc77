"""Matrices of low rank beside frozen ones, put into a trained network, merged and taken out; files, and a moving average."""

import copy
import io
import math
import tempfile
from collections import OrderedDict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn


class Adapted(nn.Module):
    def __init__(self, linear: nn.Linear, rank: int = 2, alpha: float = 4.0):
        super().__init__()
        self.linear, self.factor, self.merged = linear.requires_grad_(False), alpha / rank, False
        self.down = nn.Parameter(linear.weight.new_zeros(rank, linear.in_features))
        self.up = nn.Parameter(linear.weight.new_zeros(linear.out_features, rank))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    @torch.no_grad()
    def merge(self, into=True):
        if self.merged is not into:
            self.linear.weight.add_(self.up @ self.down, alpha=self.factor if into else -self.factor)
            self.merged = into

    def forward(self, x):
        out = self.linear(x)
        return out if self.merged else out + self.factor * F.linear(F.linear(x, self.down), self.up)


def adapt(model):
    for name, child in list(model.named_children()):
        if isinstance(child, nn.Linear):
            setattr(model, name, Adapted(child))
        else:
            adapt(child)
    return model


class Average:
    """Weights that follow those of a model; inside `with`, the model has them."""

    def __init__(self, model, decay=0.8):
        self.learnt = [p for p in model.parameters() if p.requires_grad]
        self.slow = [p.detach().clone() for p in self.learnt]
        self.decay = decay

    def update(self):
        for slow, p in zip(self.slow, self.learnt):
            slow.lerp_(p.data, 1 - self.decay)

    def __enter__(self):
        self.fast = [p.data for p in self.learnt]
        for slow, p in zip(self.slow, self.learnt):
            p.data = slow

    def __exit__(self, *error):
        for fast, p in zip(self.fast, self.learnt):
            p.data = fast


def main(argv=None):
    torch.manual_seed(0)
    body = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh())
    net = nn.Sequential(OrderedDict([("body", body), ("head", nn.Linear(16, 1))]))
    x = torch.linspace(-2, 2, 24).unsqueeze(1) * torch.arange(1, 7) / 6
    first, second = x.sin().mean(1, keepdim=True), x.cos().mean(dim=1, keepdim=True)
    optimizer, losses = torch.optim.SGD(net.parameters(), 0.05, 0.9, nesterov=True), []
    for _ in range(4):
        optimizer.zero_grad()
        loss = nn.MSELoss(size_average=None)(net(x), first)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    before = copy.deepcopy(net.state_dict())
    model = adapt(net)
    learnt = sum(p.numel() for p in model.parameters() if p.requires_grad)
    print(f"{learnt:,d} of {sum(p.nelement() for p in model.parameters()):,d} numbers are learnt")
    optimizer = torch.optim.AdamW(filter(lambda p: p.requires_grad, model.parameters()), lr=2e-2)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / 4))
    average = Average(model)

    def step():
        loss = F.huber_loss(model(x), second, delta=0.5)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 0.1)
        optimizer.step()
        schedule.step()
        return loss.item()

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.pt"
        for epoch in range(5):
            losses.append(step())
            average.update()
            if epoch == 2:
                parts = {"model": model, "optimizer": optimizer, "schedule": schedule}
                torch.save({"epoch": epoch} | {name: part.state_dict() for name, part in parts.items()}, path)
        saved = torch.load(path, map_location=torch.device("cpu"), weights_only=True)
        for name, part in parts.items():
            part.load_state_dict(saved[name])
        again = [step() for _ in range(saved["epoch"] + 1, 5)]
        assert max(abs(a - b) for a, b in zip(again, losses[-2:])) < 1e-6
    small = io.BytesIO()
    torch.save({k: v for k, v in model.state_dict().items() if k.endswith(("up", "down"))}, small)
    small.seek(0)
    missing, unexpected = model.load_state_dict(torch.load(small), strict=False)
    assert len(missing) == 6 and not unexpected
    plain, adapters = model(x), [m for m in model.modules() if isinstance(m, Adapted)]
    for adapter in adapters:
        adapter.merge()
    assert torch.allclose(plain, model(x), atol=1e-5)
    for adapter in adapters:
        adapter.merge(False)
    for name, value in model.state_dict().items():
        assert "linear" not in name or torch.allclose(value, before[name.replace("linear.", "")], atol=1e-6)
    with average:
        losses.append(F.l1_loss(model(x), second).item())
    return [*losses, F.l1_loss(model(x), second).item(), float(learnt), optimizer.param_groups[0]["lr"]]


if __name__ == "__main__":
    print(main())
