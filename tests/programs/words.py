"""A model of words: a stack of recurrent layers in a ModuleList, trained through time in pieces."""

import math
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

TEXT = """for want of a nail the shoe was lost <eos> for want of a shoe the horse was lost <eos> for want of a horse
the rider was lost <eos> for want of a rider the battle was lost <eos> for want of a battle the kingdom was lost <eos>
and all for the want of a horseshoe nail <eos>"""


class Dictionary(object):
    def __init__(self):
        self.word2idx = {}
        self.idx2word = []

    def add_word(self, word):
        if word not in self.word2idx:
            self.idx2word.append(word)
            self.word2idx[word] = len(self.idx2word) - 1
        return self.word2idx[word]

    def __len__(self):
        return len(self.idx2word)


def tokenize(text, dictionary):
    idss = []
    for line in text.splitlines():
        words = line.split()
        idss.append(torch.tensor([dictionary.add_word(word) for word in words]).type(torch.int64))
    return torch.cat(idss)


def batchify(data, bsz):
    nbatch = data.size(0) // bsz
    data = data.narrow(0, 0, nbatch * bsz)
    return data.view(bsz, -1).t().contiguous()


class Recurrent(nn.Module):
    def __init__(self, ninp, nhid):
        super().__init__()
        self.i2h = nn.Linear(ninp, nhid)
        self.h2h = nn.Linear(nhid, nhid, bias=False)

    def forward(self, x, h):
        return torch.tanh(self.i2h(x) + self.h2h(h))


class WordModel(nn.Module):
    def __init__(self, ntoken, ninp, nhid, nlayers, dropout=0.2, tie_weights=False):
        super().__init__()
        self.ntoken = ntoken
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.layers = nn.ModuleList()
        for i in range(nlayers):
            self.layers.append(Recurrent(ninp if i == 0 else nhid, nhid))
        self.norms = nn.ModuleList(nn.LayerNorm(nhid) for _ in range(nlayers))
        self.decoder = nn.Linear(nhid, ntoken)
        if tie_weights:
            if nhid != ninp:
                raise ValueError("When using the tied flag, nhid must be equal to emsize")
            self.decoder.weight = self.encoder.weight
        self.init_weights()
        self.nhid, self.nlayers = nhid, nlayers

    def init_weights(self):
        initrange = 0.1
        nn.init.uniform_(self.encoder.weight, -initrange, initrange)
        nn.init.zeros_(self.decoder.bias)
        nn.init.uniform_(self.decoder.weight, -initrange, initrange)

    def forward(self, input, hidden):
        emb = self.drop(self.encoder(input))
        outputs, hidden = [], list(hidden)
        for x in emb:
            for i, (layer, norm) in enumerate(zip(self.layers, self.norms)):
                hidden[i] = layer(x, hidden[i])
                x = norm(hidden[i])
            outputs.append(x)
        output = self.drop(torch.stack(outputs))
        decoded = self.decoder(output)
        decoded = decoded.view(-1, self.ntoken)
        return F.log_softmax(decoded, dim=1), tuple(hidden)

    def init_hidden(self, bsz):
        weight = next(self.parameters())
        return tuple(weight.new_zeros(bsz, self.nhid) for _ in range(self.nlayers))


def repackage_hidden(h):
    if isinstance(h, torch.Tensor):
        return h.detach()
    else:
        return tuple(repackage_hidden(v) for v in h)


def get_batch(source, i, bptt):
    seq_len = min(bptt, len(source) - 1 - i)
    data = source[i : i + seq_len]
    target = source[i + 1 : i + 1 + seq_len].view(-1)
    return data, target


def main(argv=None):
    bptt, lr, clip = 5, 2.0, 0.25
    dictionary = Dictionary()
    train_data = batchify(tokenize(TEXT, dictionary), 4)
    ntokens = len(dictionary)
    model = WordModel(ntokens, 12, 12, 2, tie_weights=True)
    criterion = nn.NLLLoss()
    losses = []
    for _epoch in range(2):
        model.train()
        total_loss = 0.0
        hidden = model.init_hidden(4)
        for batch, i in enumerate(range(0, train_data.size(0) - 1, bptt)):
            data, targets = get_batch(train_data, i, bptt)
            model.zero_grad()
            hidden = repackage_hidden(hidden)
            output, hidden = model(data, hidden)
            loss = criterion(output, targets)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
            for p in model.parameters():
                p.data.add_(p.grad, alpha=-lr)
            total_loss += loss.item()
            losses.append(loss.item())
            print("| batch {:3d} | loss {:5.2f} | ppl {:8.2f}".format(batch, loss.item(), math.exp(loss.item())))
    model.eval()
    with torch.no_grad():
        hidden = model.init_hidden(1)
        input = torch.randint(ntokens, (1, 1), dtype=torch.long)
        said = []
        for _ in range(5):
            output, hidden = model(input, hidden)
            word_weights = output.squeeze().div(1.0).exp().cpu()
            word_idx = torch.multinomial(word_weights, 1)[0]
            input.fill_(word_idx)
            said.append(dictionary.idx2word[word_idx])
    print(" ".join(said))
    return losses


if __name__ == "__main__":
    print(main(sys.argv[1:]))
