"""Numbers written out, letter by letter: a recurrent encoder, additive attention, the right letters fed in or its own."""

import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim

SOS, EOS, HIDDEN = 0, 1, 12
PAIRS = [("12", "onetwo"), ("3", "three"), ("41", "fourone"), ("2", "two")]


class Lang:
    def __init__(self, words):
        self.index = {c: i + 2 for i, c in enumerate(sorted(set("".join(words))))}
        self.n = len(self.index) + 2

    def tensor(self, word):
        return torch.tensor([self.index[c] for c in word] + [EOS], dtype=torch.long).view(-1, 1)


class EncoderRNN(nn.Module):
    def __init__(self, input_size, hidden_size):
        super(EncoderRNN, self).__init__()
        self.hidden_size = hidden_size
        self.embedding = nn.Embedding(input_size, hidden_size)
        self.gru = nn.GRU(hidden_size, hidden_size)

    def forward(self, input, hidden):
        embedded = self.embedding(input).view(1, 1, -1)
        output, hidden = self.gru(embedded, hidden)
        return output, hidden

    def initHidden(self):
        return torch.zeros(1, 1, self.hidden_size)


class AttnDecoderRNN(nn.Module):
    def __init__(self, hidden_size, output_size):
        super().__init__()
        self.embedding = nn.Embedding(output_size, hidden_size)
        self.Wa, self.Ua = nn.Linear(hidden_size, hidden_size), nn.Linear(hidden_size, hidden_size)
        self.Va = nn.Linear(hidden_size, 1)
        self.cell = nn.LSTMCell(2 * hidden_size, hidden_size)
        self.out = nn.Linear(hidden_size, output_size)

    def forward(self, input, state, encoder_outputs):
        embedded = self.embedding(input).squeeze(0)
        scores = self.Va(torch.tanh(self.Wa(state[0]) + self.Ua(encoder_outputs)))
        attn_weights = F.softmax(scores, dim=0)
        context = torch.bmm(attn_weights.t().unsqueeze(0), encoder_outputs.unsqueeze(0)).squeeze(0)
        state = self.cell(torch.cat((embedded, context), 1), state)
        return F.log_softmax(self.out(state[0]), dim=1), state, attn_weights


def train(source, target, encoder, decoder, optimizers, criterion, forcing):
    hidden = encoder.initHidden()
    for optimizer in optimizers:
        optimizer.zero_grad()
    encoder_outputs = torch.zeros(5, encoder.hidden_size)
    rows = []
    for ei in range(source.size(0)):
        output, hidden = encoder(source[ei], hidden)
        rows.append(output[0, 0])
    encoder_outputs = torch.stack(rows)
    decoder_input = torch.tensor([[SOS]])
    state, loss = (hidden[0], torch.zeros_like(hidden[0])), 0
    for di in range(target.size(0)):
        output, state, attention = decoder(decoder_input, state, encoder_outputs)
        loss += criterion(output, target[di])
        if forcing:
            decoder_input = target[di].view(1, 1)
        else:
            topv, topi = output.topk(1)
            decoder_input = topi.detach()
            if decoder_input.item() == EOS:
                break
    loss.backward()
    for optimizer in optimizers:
        optimizer.step()
    return loss.item() / target.size(0)


def main(argv=None):
    torch.manual_seed(1)
    random.seed(1)
    source, target = Lang([a for a, _ in PAIRS]), Lang([b for _, b in PAIRS])
    encoder, decoder = EncoderRNN(source.n, HIDDEN), AttnDecoderRNN(HIDDEN, target.n)
    optimizers = [optim.SGD(encoder.parameters(), lr=0.05), optim.Adam(decoder.parameters(), lr=0.01)]
    criterion = nn.NLLLoss()
    losses = []
    for step in range(6):
        a, b = random.choice(PAIRS)
        forcing = random.random() < 0.5
        losses.append(train(source.tensor(a), target.tensor(b), encoder, decoder, optimizers, criterion, forcing))
    return losses


if __name__ == "__main__":
    print(main())
