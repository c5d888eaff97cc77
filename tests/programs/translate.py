"""Sequences turned round by an encoder and a decoder: masks, a warm-up schedule, labels made smooth, greedy decoding."""

import math

import torch
from torch import Tensor, nn
from torch.nn import Transformer

PAD, BOS, EOS, SIZE = 0, 1, 2, 13


class PositionalEncoding(nn.Module):
    def __init__(self, emb_size: int, dropout: float, maxlen: int = 50):
        super().__init__()
        den = torch.exp(-torch.arange(0, emb_size, 2) * math.log(10000) / emb_size)
        pos = torch.arange(0, maxlen).reshape(maxlen, 1)
        pos_embedding = torch.zeros((maxlen, emb_size))
        pos_embedding[:, 0::2] = torch.sin(pos * den)
        pos_embedding[:, 1::2] = torch.cos(pos * den)
        pos_embedding = pos_embedding.unsqueeze(-2)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("pos_embedding", pos_embedding)

    def forward(self, token_embedding: Tensor):
        return self.dropout(token_embedding + self.pos_embedding[: token_embedding.size(0), :])


class Seq2Seq(nn.Module):
    def __init__(self, emb_size=16, nhead=2):
        super().__init__()
        self.transformer = Transformer(
            d_model=emb_size, nhead=nhead, num_encoder_layers=1, num_decoder_layers=2, dim_feedforward=32, dropout=0.0
        )
        self.generator = nn.Linear(emb_size, SIZE)
        self.tok = nn.Embedding(SIZE, emb_size)
        self.emb_size = emb_size
        self.positional_encoding = PositionalEncoding(emb_size, dropout=0.0)

    def embed(self, tokens: Tensor):
        return self.positional_encoding(self.tok(tokens.long()) * math.sqrt(self.emb_size))

    def forward(self, src, trg, src_mask, tgt_mask, src_padding_mask, tgt_padding_mask):
        outs = self.transformer(
            self.embed(src),
            self.embed(trg),
            src_mask,
            tgt_mask,
            None,
            src_padding_mask,
            tgt_padding_mask,
            src_padding_mask,
        )
        return self.generator(outs)

    def encode(self, src, src_mask):
        return self.transformer.encoder(self.embed(src), src_mask)

    def decode(self, tgt, memory, tgt_mask):
        return self.transformer.decoder(self.embed(tgt), memory, tgt_mask)


def subsequent(sz, device):
    mask = (torch.triu(torch.ones((sz, sz), device=device)) == 1).transpose(0, 1)
    return mask.float().masked_fill(mask == 0, float("-inf")).masked_fill(mask == 1, float(0.0))


def create_mask(src, tgt, device):
    tgt_mask = subsequent(tgt.shape[0], device)
    src_mask = torch.zeros((src.shape[0], src.shape[0]), device=device).type(torch.bool)
    return src_mask, tgt_mask, (src == PAD).transpose(0, 1), (tgt == PAD).transpose(0, 1)


def batch(step, n=6, longest=6):
    src = torch.full((longest, n), PAD, dtype=torch.long)
    tgt = torch.full((longest + 2, n), PAD, dtype=torch.long)
    for i in range(n):
        length = 2 + (i + step) % (longest - 1)
        words = (torch.arange(length) * (i + 2) + step) % (SIZE - 3) + 3
        src[:length, i] = words
        tgt[0, i] = BOS
        tgt[1 : length + 1, i] = words.flip(0)
        tgt[length + 1, i] = EOS
    return src, tgt


@torch.no_grad()
def greedy_decode(model, src, max_len, device):
    memory = model.encode(src, torch.zeros(src.shape[0], src.shape[0]).type(torch.bool))
    ys = torch.ones(1, 1).fill_(BOS).type(torch.long).to(device)
    for _ in range(max_len - 1):
        out = model.decode(ys, memory, subsequent(ys.size(0), device).to(device))
        prob = model.generator(out.transpose(0, 1)[:, -1])
        _, next_word = torch.max(prob, dim=1)
        next_word = next_word.item()
        ys = torch.cat([ys, torch.ones(1, 1).type_as(src.data).fill_(next_word)], dim=0)
        if next_word == EOS:
            break
    return ys.flatten()


def main(argv=None):
    torch.manual_seed(0)
    device = torch.device("cpu")
    model = Seq2Seq()
    for p in model.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
    loss_fn = torch.nn.CrossEntropyLoss(ignore_index=PAD, label_smoothing=0.1)
    optimizer = torch.optim.Adam(model.parameters(), lr=1.0, betas=(0.9, 0.98), eps=1e-9)
    warmup = 4

    def rate(step):
        step = max(step, 1)
        return 0.05 * (model.emb_size**-0.5 * min(step**-0.5, step * warmup**-1.5))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_lambda=rate)
    losses = []
    for step in range(6):
        model.train()
        src, tgt = batch(step)
        tgt_input, tgt_out = tgt[:-1, :], tgt[1:, :]
        logits = model(src, tgt_input, *create_mask(src, tgt_input, device))
        optimizer.zero_grad()
        loss = loss_fn(logits.reshape(-1, logits.shape[-1]), tgt_out.reshape(-1))
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    model.eval()
    print(greedy_decode(model, batch(0)[0][:, :1], 5, device).tolist())
    return losses


if __name__ == "__main__":
    print(main())
