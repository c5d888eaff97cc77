"""Word vectors from neighbours and from words by lot, with a loss made of log-sigmoids; nearest words by cosine."""

from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

TEXT = """the cat sat on the mat and the dog sat on the rug the cat saw the dog and the dog saw the cat
a cat and a dog are animals a mat and a rug are things""".split()


class SkipGram(nn.Module):
    def __init__(self, vocab, dim, noise):
        super().__init__()
        self.center = nn.Embedding(vocab, dim, sparse=False)
        self.context = nn.Embedding(vocab, dim)
        self.register_buffer("noise", noise, persistent=False)
        self.scale = nn.Parameter(torch.tensor(1.0))
        nn.init.uniform_(self.center.weight, -0.5 / dim, 0.5 / dim)
        self.context.weight.data.uniform_(-0.1, 0.1)

    def forward(self, center, positive, k):
        batch = center.size(0)
        negative = torch.multinomial(self.noise, batch * k, replacement=True).view(batch, k)
        v = self.center(center)
        u = self.context(positive)
        n = self.context(negative).neg()
        good = F.logsigmoid(torch.sum(v * u, dim=1) * self.scale)
        bad = F.logsigmoid(torch.bmm(n, v.unsqueeze(2)).squeeze(2)).sum(1)
        return -(good + bad).mean()


def main(argv=None):
    counts = Counter(TEXT)
    itos = [w for w, _ in counts.most_common()]
    stoi = {w: i for i, w in enumerate(itos)}
    freqs = torch.tensor([counts[w] for w in itos], dtype=torch.float)
    noise = freqs.pow(0.75)
    noise /= noise.sum()
    ids = [stoi[w] for w in TEXT]
    pairs = [(ids[i], ids[j]) for i in range(len(ids)) for j in range(max(0, i - 2), min(len(ids), i + 3)) if i != j]
    center, context = torch.tensor(pairs).unbind(dim=1)
    keep = 1 - (1e-1 / freqs[center] * freqs.sum()).sqrt().clamp(0, 1)
    sampler = WeightedRandomSampler(keep + 0.1, num_samples=64, replacement=True)
    loader = DataLoader(TensorDataset(center, context), batch_size=16, sampler=list(range(64)))
    print(len(sampler))
    model = SkipGram(len(itos), 8, noise)
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1)
    losses = []
    for _ in range(2):
        for c, o in loader:
            optimizer.zero_grad()
            loss = model(c, o, k=3)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    vectors = model.center.weight.detach().clone()
    vectors /= vectors.norm(dim=1, keepdim=True)
    similarity = vectors @ vectors.T
    similarity.fill_diagonal_(-1.0)
    values, indices = similarity.topk(3, dim=1)
    print([itos[i] for i in indices[stoi["cat"]]])
    losses.append(values.mean().item())
    assert set(model.state_dict()) == {"center.weight", "context.weight", "scale"}
    return losses


if __name__ == "__main__":
    print(main())
