"""A variational autoencoder of small pictures of waves."""

import sys

import torch
import torch.utils.data
from torch import nn, optim
from torch.nn import functional as F

SIDE = 8


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(SIDE * SIDE, 32)
        self.fc21 = nn.Linear(32, 4)
        self.fc22 = nn.Linear(32, 4)
        self.fc3 = nn.Linear(4, 32)
        self.fc4 = nn.Linear(32, SIDE * SIDE)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return mu + eps * std

    def decode(self, z):
        h3 = F.relu(self.fc3(z))
        return torch.sigmoid(self.fc4(h3))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, SIDE * SIDE))
        z = self.reparameterize(mu, logvar)
        return self.decode(z), mu, logvar


def waves(n):
    """Pictures (n, 1, 8, 8) with values from 0 to 1."""
    across = torch.arange(SIDE).float()
    slope = torch.rand(n, 1, 1, 1) * 2
    phase = torch.rand(n, 1, 1, 1) * 6
    return 0.5 + 0.5 * torch.sin(across.view(1, 1, 1, SIDE) + slope * across.view(1, 1, SIDE, 1) + phase)


def loss_function(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, SIDE * SIDE), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD


def main(argv=None):
    torch.manual_seed(1)
    device = torch.device("cpu")
    pictures = waves(48)
    train_loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(pictures), batch_size=16, shuffle=True)
    model = VAE().to(device)
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    losses = []
    for epoch in range(1, 3):
        model.train()
        train_loss = 0
        for (data,) in train_loader:
            data = data.to(device)
            optimizer.zero_grad()
            recon_batch, mu, logvar = model(data)
            loss = loss_function(recon_batch, data, mu, logvar)
            loss.backward()
            train_loss += loss.item()
            optimizer.step()
            losses.append(loss.item() / len(data))
        print(f"====> Epoch: {epoch} Average loss: {train_loss / len(train_loader.dataset):.4f}")
    model.eval()
    with torch.no_grad():
        recon, _, _ = model(pictures[:4])
        comparison = torch.cat([pictures[:4], recon.view(4, 1, SIDE, SIDE)[:4]])
        sample = model.decode(torch.randn(4, 4).to(device)).cpu()
    print(comparison.shape, tuple(sample.size()))
    losses.append(sample.mean().item())
    return losses


if __name__ == "__main__":
    print(main(sys.argv[1:]))
