"""A small network learns from a large one, moved by an optimizer and a schedule of one's own."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim import Optimizer
from torch.optim.lr_scheduler import _LRScheduler
from torch.utils.data import DataLoader, Dataset


class SoftSign(Optimizer):
    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        if not 0.0 <= lr:
            raise ValueError(f"Invalid learning rate: {lr}")
        defaults = dict(lr=lr, betas=betas, weight_decay=weight_decay)
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                p.data.mul_(1 - group["lr"] * group["weight_decay"])
                grad = p.grad
                state = self.state[p]
                if len(state) == 0:
                    state["exp_avg"] = torch.zeros_like(p)
                exp_avg = state["exp_avg"]
                beta1, beta2 = group["betas"]
                update = exp_avg * beta1 + grad * (1 - beta1)
                p.add_(update / (update.abs() + 1e-2), alpha=-group["lr"])
                exp_avg.mul_(beta2).add_(grad, alpha=1 - beta2)
        return loss


class WarmupCosine(_LRScheduler):
    def __init__(self, optimizer, warmup, total, last_epoch=-1):
        self.warmup, self.total = warmup, total
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        if self.last_epoch < self.warmup:
            return [base_lr * (self.last_epoch + 1) / self.warmup for base_lr in self.base_lrs]
        progress = (self.last_epoch - self.warmup) / max(1, self.total - self.warmup)
        return [base_lr * 0.5 * (1 + math.cos(math.pi * progress)) for base_lr in self.base_lrs]


class Rings(Dataset):
    def __init__(self, n):
        g = torch.Generator().manual_seed(0)
        self.radius = (torch.arange(n) % 3).float() + 1
        angle = torch.rand(n, generator=g) * 2 * math.pi
        self.points = torch.stack([self.radius * angle.cos(), self.radius * angle.sin()], dim=1)

    def __len__(self):
        return self.points.shape[0]

    def __getitem__(self, i):
        return {"x": self.points[i], "y": (self.radius[i] - 1).long(), "name": f"point {i}"}


def net(width):
    return nn.Sequential(nn.Linear(2, width), nn.BatchNorm1d(width), nn.SiLU(), nn.Linear(width, 3))


class AverageMeter:
    def __init__(self):
        self.reset()

    def reset(self):
        self.sum = self.count = 0

    def update(self, val, n=1):
        self.sum += val * n
        self.count += n

    @property
    def avg(self):
        return self.sum / self.count


def main(argv=None):
    torch.manual_seed(0)
    loader = DataLoader(Rings(48), batch_size=16, shuffle=False)
    teacher, student = net(32), net(6)
    losses = []
    optimizer = SoftSign(teacher.parameters(), lr=1e-2, weight_decay=1e-2)
    scheduler = WarmupCosine(optimizer, 2, 9)
    for epoch in range(3):
        meter = AverageMeter()
        for batch in loader:
            x, y = batch["x"], batch["y"]
            assert batch["name"][0].startswith("point")
            loss = F.cross_entropy(teacher(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            meter.update(loss.item(), x.size(0))
        losses += [meter.avg, optimizer.param_groups[0]["lr"]]
    teacher.eval()
    for param in teacher.parameters():
        param.requires_grad = False
    T, alpha = 2.0, 0.7
    kl = nn.KLDivLoss(reduction="batchmean")
    optimizer = torch.optim.SGD(
        [{"params": student[0].parameters(), "lr": 0.05}, {"params": student[1:].parameters()}], lr=0.1, momentum=0.9
    )
    for batch in loader:
        with torch.no_grad():
            wanted = teacher(batch["x"])
        out = student(batch["x"])
        soft = kl(F.log_softmax(out / T, dim=1), F.softmax(wanted / T, dim=1)) * (alpha * T * T)
        loss = soft + F.cross_entropy(out, batch["y"]) * (1.0 - alpha)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    state = optimizer.state_dict()
    losses.append(float(len(state["param_groups"][1]["params"])))
    return losses


if __name__ == "__main__":
    print(main())
