"""Waves continued: windows by unfold, a temporal convolution and a GRU, a rate that falls when the loss stands still."""

import copy

import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau


class Chomp1d(nn.Module):
    def __init__(self, chomp_size):
        super().__init__()
        self.chomp_size = chomp_size

    def forward(self, x):
        return x[:, :, : -self.chomp_size].contiguous()


class TemporalBlock(nn.Module):
    def __init__(self, n_inputs, n_outputs, kernel_size, dilation):
        super().__init__()
        padding = (kernel_size - 1) * dilation
        self.net = nn.Sequential(
            nn.utils.weight_norm(nn.Conv1d(n_inputs, n_outputs, kernel_size, padding=padding, dilation=dilation)),
            Chomp1d(padding),
            nn.ReLU(),
            nn.Dropout(0.0),
        )
        self.downsample = nn.Conv1d(n_inputs, n_outputs, 1) if n_inputs != n_outputs else None

    def forward(self, x):
        out = self.net(x)
        return torch.relu(out + (x if self.downsample is None else self.downsample(x)))


class Model(nn.Module):
    def __init__(self, hidden=8, horizon=3):
        super().__init__()
        self.tcn = nn.Sequential(TemporalBlock(1, 4, 3, 1), TemporalBlock(4, 4, 3, 2))
        self.gru = nn.GRU(4, hidden, num_layers=1, batch_first=True)
        self.head = nn.Sequential(nn.LayerNorm(hidden), nn.Linear(hidden, 2 * horizon))

    def forward(self, x):
        x = self.tcn(x[:, None]).permute(0, 2, 1)
        _, h = self.gru(x)
        mean, raw = self.head(h.squeeze(0)).chunk(2, dim=-1)
        return mean, nn.functional.softplus(raw) + 1e-3


def main(argv=None):
    torch.manual_seed(0)
    t = torch.arange(0, 60, dtype=torch.float32)
    series = torch.sin(0.3 * t) + 0.5 * torch.cos(0.11 * t) + 0.05 * torch.randn(60)
    mean, std = series.mean(), series.std(unbiased=False)
    series = (series - mean) / std
    windows = series.unfold(0, 15, 1)
    x, y = windows[:, :12], windows[:, 12:]
    split = int(0.75 * len(x))
    x_train, x_test = torch.split(x, [split, len(x) - split])
    y_train, y_test = y[:split], y[split:]
    model = Model()
    for module in model.tcn.modules():
        if isinstance(module, nn.Conv1d):
            nn.init.uniform_(module.bias, -0.1, 0.1)
            for name, p in module.named_parameters():
                if name.endswith("_g"):
                    nn.init.ones_(p)
                elif p.ndim > 1:
                    nn.init.normal_(p, std=0.4)
    optimizer = torch.optim.Adamax(model.parameters(), lr=0.02)
    scheduler = ReduceLROnPlateau(optimizer, mode="min", factor=0.5, patience=0, threshold=0.5)
    huber, gaussian = nn.HuberLoss(delta=0.5), nn.GaussianNLLLoss()
    best, best_state, losses = float("inf"), None, []
    for epoch in range(6):
        model.train()
        order = torch.randperm(len(x_train))
        for index in order.split(16):
            mean, var = model(x_train[index])
            loss = huber(mean, y_train[index]) + 0.1 * gaussian(mean, y_train[index], var)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            mean, _ = model(x_test)
            val = huber(mean, y_test)
            mape = ((mean - y_test).abs() / y_test.abs().clamp(min=0.1)).mean()
        scheduler.step(val)
        losses += [loss.item(), val.item(), mape.item(), optimizer.param_groups[0]["lr"]]
        if val < best:
            best, best_state = val, copy.deepcopy(model.state_dict())
    model.load_state_dict(best_state)
    return losses


if __name__ == "__main__":
    print(main())
