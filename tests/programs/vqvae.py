"""Pictures as a few numbers from a codebook: the nearest row, gradients straight through, moving averages in buffers."""

import torch
from torch import nn
from torch.nn import functional as F


class Quantize(nn.Module):
    def __init__(self, dim, n_embed, decay=0.9, eps=1e-5):
        super().__init__()
        self.dim, self.n_embed, self.decay, self.eps = dim, n_embed, decay, eps
        embed = torch.randn(dim, n_embed)
        self.register_buffer("embed", embed)
        self.register_buffer("cluster_size", torch.zeros(n_embed))
        self.register_buffer("embed_avg", embed.clone())

    def forward(self, input):
        flatten = input.reshape(-1, self.dim)
        dist = flatten.pow(2).sum(1, keepdim=True) - 2 * flatten @ self.embed + self.embed.pow(2).sum(0, keepdim=True)
        _, embed_ind = (-dist).max(1)
        embed_onehot = F.one_hot(embed_ind, self.n_embed).type(flatten.dtype)
        embed_ind = embed_ind.view(*input.shape[:-1])
        quantize = self.embed_code(embed_ind)
        if self.training:
            embed_onehot_sum = embed_onehot.sum(0)
            embed_sum = flatten.transpose(0, 1) @ embed_onehot
            self.cluster_size.data.mul_(self.decay).add_(embed_onehot_sum, alpha=1 - self.decay)
            self.embed_avg.data.mul_(self.decay).add_(embed_sum.detach(), alpha=1 - self.decay)
            n = self.cluster_size.sum()
            cluster_size = (self.cluster_size + self.eps) / (n + self.n_embed * self.eps) * n
            embed_normalized = self.embed_avg / cluster_size.unsqueeze(0)
            self.embed.data.copy_(embed_normalized)
        diff = (quantize.detach() - input).pow(2).mean()
        quantize = input + (quantize - input).detach()
        return quantize, diff, embed_ind

    def embed_code(self, embed_id):
        return F.embedding(embed_id, self.embed.transpose(0, 1))


class VQVAE(nn.Module):
    def __init__(self, dim=6):
        super().__init__()
        self.enc = nn.Sequential(
            nn.Conv2d(1, 8, 4, stride=2, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(8, dim, 3, padding=1, padding_mode="reflect"),
        )
        self.quantize = Quantize(dim, 10)
        self.dec = nn.Sequential(
            nn.ConvTranspose2d(dim, 8, 4, stride=2, padding=1),
            nn.ELU(inplace=True),
            nn.ReflectionPad2d(1),
            nn.Conv2d(8, 1, 3),
        )

    def forward(self, input):
        z = self.enc(input).permute(0, 2, 3, 1)
        quant, diff, ids = self.quantize(z)
        return self.dec(quant.permute(0, 3, 1, 2)), diff.unsqueeze(0), ids


def main(argv=None):
    torch.manual_seed(0)
    model = VQVAE()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.0)
    criterion = nn.MSELoss()
    rows = torch.arange(8).float()
    losses = []
    for step in range(5):
        img = torch.stack(
            [torch.outer(torch.sin(rows * f), torch.cos(rows * f + step)) for f in (0.3, 0.7, 1.1)]
        ).unsqueeze(1)
        model.zero_grad()
        out, latent_loss, ids = model(img)
        recon_loss = criterion(out, img)
        latent_loss = latent_loss.mean()
        loss = recon_loss + 0.25 * latent_loss
        loss.backward()
        optimizer.step()
        counts = torch.bincount(ids.flatten(), minlength=10).float()
        p = counts / counts.sum()
        perplexity = torch.exp(-torch.sum(p * torch.log(p + 1e-10)))
        losses += [recon_loss.item(), latent_loss.item(), perplexity.item()]
    return losses


if __name__ == "__main__":
    print(main())
