"""Graph networks: sums over neighbours by index_add and scatter, attention over edges, training on marked nodes only."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter


def scatter_softmax(scores, index, n):
    highest = torch.full((n,), float("-inf")).scatter_reduce(0, index, scores, reduce="amax")
    e = (scores - highest[index]).exp()
    total = torch.zeros(n).scatter_add_(0, index, e) if not e.requires_grad else torch.zeros(n).scatter_add(0, index, e)
    return e / total[index].clamp_min(1e-9)


class GraphConvolution(Module):
    def __init__(self, in_features, out_features, bias=True):
        super(GraphConvolution, self).__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(torch.FloatTensor(in_features, out_features))
        if bias:
            self.bias = Parameter(torch.FloatTensor(out_features))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self):
        stdv = 1.0 / self.weight.size(1) ** 0.5
        self.weight.data.uniform_(-stdv, stdv)
        if self.bias is not None:
            self.bias.data.uniform_(-stdv, stdv)

    def forward(self, input, adj):
        support = torch.mm(input, self.weight)
        output = torch.spmm(adj, support)
        return output + self.bias if self.bias is not None else output

    def __repr__(self):
        return self.__class__.__name__ + " (" + str(self.in_features) + " -> " + str(self.out_features) + ")"


class GraphAttention(nn.Module):
    def __init__(self, in_features, out_features, heads=2, alpha=0.2):
        super().__init__()
        self.lin = nn.Linear(in_features, heads * out_features, bias=False)
        self.att = nn.Parameter(torch.empty(1, heads, 2 * out_features))
        nn.init.xavier_uniform_(self.att, gain=nn.init.calculate_gain("leaky_relu", alpha))
        self.heads, self.out_features, self.leaky = heads, out_features, nn.LeakyReLU(alpha)

    def forward(self, x, edge_index):
        src, dst = edge_index
        n = x.size(0)
        h = self.lin(x).view(-1, self.heads, self.out_features)
        e = self.leaky((torch.cat([h[src], h[dst]], dim=-1) * self.att).sum(dim=-1))
        alpha = torch.stack([scatter_softmax(e[:, k], dst, n) for k in range(self.heads)], dim=1)
        messages = h.index_select(0, src) * alpha.unsqueeze(-1)
        out = torch.zeros(n, self.heads, self.out_features).index_add(0, dst, messages)
        return out.mean(dim=1)


class Net(nn.Module):
    def __init__(self, nfeat, nhid, nclass):
        super().__init__()
        self.gc1 = GraphConvolution(nfeat, nhid)
        self.gat = GraphAttention(nhid, nhid)
        self.gc2 = GraphConvolution(nhid, nclass)

    def forward(self, x, adj, edge_index):
        x = F.elu(self.gc1(x, adj))
        x = F.dropout(x, 0.0, training=self.training)
        x = x + self.gat(x, edge_index)
        return F.log_softmax(self.gc2(x, adj), dim=1)


def main(argv=None):
    torch.manual_seed(0)
    n, classes = 24, 3
    labels = torch.arange(n) % classes
    edges = [(i, j) for i in range(n) for j in range(n) if i != j and (i * 7 + j * 3) % 11 == 0 or abs(i - j) == 3]
    edge_index = torch.tensor(edges, dtype=torch.long).t().contiguous()
    adj = torch.zeros(n, n)
    adj[edge_index[0], edge_index[1]] = 1.0
    adj = torch.maximum(adj, adj.t()) + torch.eye(n)
    degree = adj.sum(1)
    d_inv_sqrt = torch.pow(degree, -0.5)
    d_inv_sqrt[torch.isinf(d_inv_sqrt)] = 0.0
    adj = torch.diag(d_inv_sqrt) @ adj @ torch.diag(d_inv_sqrt)
    features = F.one_hot(labels, classes).float() + 0.5 * torch.randn(n, classes)
    features = features / features.sum(1, keepdim=True).clamp(min=1.0)
    train_mask = torch.zeros(n, dtype=torch.bool)
    train_mask[: n // 2] = True
    model = Net(classes, 8, classes)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05, weight_decay=5e-4)
    losses = []
    for epoch in range(6):
        model.train()
        optimizer.zero_grad()
        out = model(features, adj, edge_index)
        loss = F.nll_loss(out[train_mask], labels[train_mask])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    pred = model(features, adj, edge_index).argmax(dim=1)
    correct = pred[~train_mask].eq(labels[~train_mask]).double().sum()
    losses.append(float(correct / (~train_mask).sum()))
    confusion = torch.zeros(classes, classes, dtype=torch.int64)
    confusion.index_put_((labels, pred), torch.tensor(1), accumulate=True)
    losses.append(float(confusion.diagonal().sum()))
    return losses


if __name__ == "__main__":
    print(main())
