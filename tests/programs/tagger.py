"""A tagger of words: packed sequences of different lengths through an LSTM of two directions, padding left out of the loss."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

PAD = 0


def sentences(n):
    out = []
    for i in range(n):
        length = 3 + (i * 5) % 6
        words = (torch.arange(length) * (i + 3)) % 11 + 1
        tags = words % 3 + 1
        out.append((words, tags))
    return out


def collate(batch):
    batch.sort(key=lambda pair: len(pair[0]), reverse=True)
    words, tags = zip(*batch)
    lengths = torch.tensor([len(w) for w in words])
    return pad_sequence(words, batch_first=True, padding_value=PAD), pad_sequence(tags, batch_first=True), lengths


class Tagger(nn.Module):
    def __init__(self, vocab_size, tags, embedding_dim=8, hidden_dim=10):
        super().__init__()
        self.hidden_dim = hidden_dim
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=PAD)
        self.lstm = nn.LSTM(embedding_dim, hidden_dim, num_layers=2, batch_first=True, bidirectional=True)
        self.attention = nn.Linear(2 * hidden_dim, 1)
        self.fc = nn.Linear(2 * hidden_dim, tags)
        self.sentence = nn.Linear(4 * hidden_dim, 1)

    def init_hidden(self, batch):
        weight = next(self.parameters())
        return weight.new_zeros(4, batch, self.hidden_dim), weight.new_zeros(4, batch, self.hidden_dim)

    def forward(self, words, lengths):
        mask = words != PAD
        packed = pack_padded_sequence(self.embedding(words), lengths.cpu(), batch_first=True)
        output, (hidden, cell) = self.lstm(packed, self.init_hidden(words.size(0)))
        output, out_lengths = pad_packed_sequence(output, batch_first=True, total_length=words.size(1))
        scores = self.attention(torch.tanh(output)).squeeze(-1).masked_fill(~mask, float("-inf"))
        context = torch.bmm(F.softmax(scores, dim=1).unsqueeze(1), output).squeeze(1)
        final = torch.cat((hidden[-2], hidden[-1]), dim=1)
        return self.fc(output), self.sentence(torch.cat([context, final], -1)).view(-1), out_lengths


def main(argv=None):
    torch.manual_seed(1)
    loader = DataLoader(sentences(12), batch_size=4, collate_fn=collate)
    model = Tagger(12, 4)
    for name, param in model.lstm.named_parameters():
        if "weight_hh" in name:
            nn.init.orthogonal_(param)
        elif "bias" in name:
            nn.init.zeros_(param)
            param.data[10:20].fill_(1)
    with torch.no_grad():
        for name, param in model.named_parameters():
            if "weight_hh" in name:
                param.copy_(torch.randn_like(param) * 0.3)
    criterion = nn.CrossEntropyLoss(ignore_index=PAD)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=0.01, alpha=0.9, momentum=0.5, centered=True)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[1, 2], gamma=0.5)
    losses = []
    for epoch in range(3):
        for words, tags, lengths in loader:
            model.zero_grad()
            scores, score, _ = model(words, lengths)
            target = (tags == 2).any(dim=1).float()
            loss = criterion(scores.view(-1, scores.shape[-1]), tags.view(-1))
            loss = loss + 0.1 * F.binary_cross_entropy_with_logits(score, target)
            loss.backward()
            nn.utils.clip_grad_value_(model.parameters(), 0.5)
            optimizer.step()
            losses.append(loss.item())
        scheduler.step()
    with torch.inference_mode():
        scores, _, lengths = model(*[x for i, x in enumerate(next(iter(loader))) if i != 1])
        best = scores.argmax(dim=-1)
        for row, length in zip(best, lengths.tolist()):
            losses.append(float(row[:length].float().mean()))
    return losses


if __name__ == "__main__":
    print(main())
