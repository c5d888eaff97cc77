"""A gated recurrent unit from its equations, which learns to repeat what it saw two steps ago."""

import math
import sys

import torch
from torch import nn


class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.weight_ih = nn.Parameter(torch.empty(3 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(3 * hidden_size, hidden_size))
        self.bias_ih = nn.Parameter(torch.empty(3 * hidden_size))
        self.bias_hh = nn.Parameter(torch.empty(3 * hidden_size))
        self.reset_parameters()

    def reset_parameters(self):
        stdv = 1.0 / math.sqrt(self.hidden_size)
        for weight in self.parameters():
            weight.data.uniform_(-stdv, stdv)

    def forward(self, x, h):
        gi = x.mm(self.weight_ih.t()) + self.bias_ih
        gh = torch.mm(h, self.weight_hh.t()) + self.bias_hh
        i_r, i_z, i_n = gi.chunk(3, 1)
        h_r, h_z, h_n = torch.chunk(gh, 3, dim=1)
        r = torch.sigmoid(i_r + h_r)
        z = torch.sigmoid(i_z + h_z)
        n = torch.tanh(i_n + r * h_n)
        return (1 - z) * n + z * h


class Echo(nn.Module):
    def __init__(self, symbols, hidden_size):
        super().__init__()
        self.encoder = nn.Embedding(symbols, 8)
        self.cell = GRUCell(8, hidden_size)
        self.decoder = nn.Linear(hidden_size, symbols)

    def forward(self, tokens, h=None):
        if h is None:
            h = self.init_hidden(tokens.size(0))
        outputs = []
        for x in self.encoder(tokens).unbind(dim=1):
            h = self.cell(x, h)
            outputs.append(h)
        return self.decoder(torch.stack(outputs, dim=1)), h

    def init_hidden(self, bsz):
        weight = next(self.parameters())
        return weight.new_zeros(bsz, self.cell.hidden_size)


def main(argv=None):
    symbols, delay = 5, 2
    model = Echo(symbols, 16)
    print(f"{sum(p.numel() for p in model.parameters() if p.requires_grad)} parameters")
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    h = None
    for step in range(6):
        tokens = torch.randint(symbols, (12, 10))
        if h is not None:
            h = h.detach()
        logits, h = model(tokens, h)
        loss = criterion(logits[:, delay:].reshape(-1, symbols), tokens[:, :-delay].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        optimizer.step()
        losses += [loss.item(), float(norm)]
        print("step {:3d}  loss {:.4f}  norm {:.4f}".format(step, loss, norm))
    return losses


if __name__ == "__main__":
    print(main(sys.argv[1:]))
