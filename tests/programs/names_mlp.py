"""Names, letter by letter: an embedding, a hidden layer, BatchNorm made by hand, and new names."""

import torch
import torch.nn.functional as F

NAMES = """ada alan barbara claude donald edsger emmy evelyn frances grace hedy hilary ivan john katherine leonhard
linus margaret mary niklaus noam radia richard robin sophie srinivasa stephen tim vera yann""".split()
BLOCK_SIZE = 3

chars = sorted(set("".join(NAMES)))
stoi = {s: i + 1 for i, s in enumerate(chars)}
stoi["."] = 0
itos = {i: s for s, i in stoi.items()}


def build_dataset(words):
    X, Y = [], []
    for w in words:
        context = [0] * BLOCK_SIZE
        for ch in w + ".":
            ix = stoi[ch]
            X.append(context)
            Y.append(ix)
            context = context[1:] + [ix]
    return torch.tensor(X), torch.tensor(Y)


def count_bigrams():
    """How often one letter follows another, and the mean negative log likelihood of the names by that."""
    N = torch.zeros((len(itos), len(itos)), dtype=torch.int32)
    for w in NAMES:
        for ch1, ch2 in zip("." + w, w + "."):
            N[stoi[ch1], stoi[ch2]] += 1
    P = (N + 1).float()
    P /= P.sum(1, keepdim=True)
    log_likelihood = sum(torch.log(P[stoi[a], stoi[b]]) for w in NAMES for a, b in zip("." + w, w + "."))
    return -log_likelihood.item() / sum(len(w) + 1 for w in NAMES)


def main(argv=None):
    losses = [count_bigrams()]
    X, Y = build_dataset(NAMES)
    vocab_size, n_embd, n_hidden = len(itos), 6, 24
    g = torch.Generator().manual_seed(2147483647)
    C = torch.randn((vocab_size, n_embd), generator=g)
    W1 = torch.randn((n_embd * BLOCK_SIZE, n_hidden), generator=g) * (5 / 3) / ((n_embd * BLOCK_SIZE) ** 0.5)
    W2 = torch.randn((n_hidden, vocab_size), generator=g) * 0.01
    b2 = torch.randn(vocab_size, generator=g) * 0
    bngain = torch.ones((1, n_hidden))
    bnbias = torch.zeros((1, n_hidden))
    bnmean_running = torch.zeros((1, n_hidden))
    bnstd_running = torch.ones((1, n_hidden))
    parameters = [C, W1, W2, b2, bngain, bnbias]
    print(sum(p.nelement() for p in parameters))
    for p in parameters:
        p.requires_grad = True

    for i in range(6):
        ix = torch.randint(0, X.shape[0], (32,), generator=g)
        Xb, Yb = X[ix], Y[ix]
        emb = C[Xb]
        embcat = emb.view(emb.shape[0], -1)
        hpreact = embcat @ W1
        bnmeani = hpreact.mean(0, keepdim=True)
        bnstdi = hpreact.std(0, keepdim=True)
        hpreact = bngain * (hpreact - bnmeani) / bnstdi + bnbias
        with torch.no_grad():
            bnmean_running = 0.999 * bnmean_running + 0.001 * bnmeani
            bnstd_running = 0.999 * bnstd_running + 0.001 * bnstdi
        h = torch.tanh(hpreact)
        logits = h @ W2 + b2
        loss = F.cross_entropy(logits, Yb)
        for p in parameters:
            p.grad = None
        loss.backward()
        lr = 0.1 if i < 4 else 0.01
        for p in parameters:
            p.data += -lr * p.grad
        losses.append(loss.item())
        print(f"{i:7d}: {loss.item():.4f}")

    for _ in range(2):
        out = []
        context = [0] * BLOCK_SIZE
        while len(out) < 8:
            emb = C[torch.tensor([context])]
            hpreact = emb.view(1, -1) @ W1
            hpreact = bngain * (hpreact - bnmean_running) / bnstd_running + bnbias
            logits = torch.tanh(hpreact) @ W2 + b2
            probs = F.softmax(logits, dim=1)
            ix = torch.multinomial(probs, num_samples=1, replacement=True, generator=g).item()
            context = context[1:] + [ix]
            out.append(ix)
            if ix == 0:
                break
        print("".join(itos[i] for i in out))
    return losses


if __name__ == "__main__":
    print(main())
