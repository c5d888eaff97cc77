"""A first classifier: a data set, a model, a training and a test function, weights saved and loaded."""

import os
import sys
import tempfile

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Rings(Dataset):
    """Points in the plane; the class is the ring in which a point lies."""

    def __init__(self, n, classes=3, transform=None):
        radius = torch.rand(n) * classes
        angle = torch.rand(n) * 6.2832
        self.points = torch.stack([radius * torch.cos(angle), radius * torch.sin(angle)], dim=1)
        self.labels = radius.long()
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, idx):
        point, label = self.points[idx], self.labels[idx]
        if self.transform:
            point = self.transform(point)
        return point, label


class NeuralNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(2, 32),
            nn.ReLU(),
            nn.Linear(32, 32),
            nn.ReLU(),
            nn.Linear(32, 3),
        )

    def forward(self, x):
        x = self.flatten(x)
        logits = self.linear_relu_stack(x)
        return logits


def train(dataloader, model, loss_fn, optimizer, device):
    size = len(dataloader.dataset)
    model.train()
    losses = []
    for batch, (X, y) in enumerate(dataloader):
        X, y = X.to(device), y.to(device)
        pred = model(X)
        loss = loss_fn(pred, y)

        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

        losses.append(loss.item())
        if batch % 2 == 0:
            loss, current = loss.item(), (batch + 1) * len(X)
            print(f"loss: {loss:>7f}  [{current:>5d}/{size:>5d}]")
    return losses


def test(dataloader, model, loss_fn, device):
    size = len(dataloader.dataset)
    num_batches = len(dataloader)
    model.eval()
    test_loss, correct = 0, 0
    with torch.no_grad():
        for X, y in dataloader:
            X, y = X.to(device), y.to(device)
            pred = model(X)
            test_loss += loss_fn(pred, y).item()
            correct += (pred.argmax(1) == y).type(torch.float).sum().item()
    test_loss /= num_batches
    correct /= size
    print(f"Test Error: \n Accuracy: {(100 * correct):>0.1f}%, Avg loss: {test_loss:>8f} \n")
    return test_loss


def main(argv=None):
    epochs = int(argv[0]) if argv else 2
    device = "cuda" if torch.cuda.is_available() else "cpu"
    print(f"Using {device} device")
    train_dataloader = DataLoader(Rings(120), batch_size=32)
    test_dataloader = DataLoader(Rings(60, transform=lambda point: point * 1.0), batch_size=32)
    for X, y in test_dataloader:
        print(f"Shape of X [N, 2]: {X.shape}")
        print(f"Shape of y: {y.shape} {y.dtype}")
        break
    model = NeuralNetwork().to(device)
    print(model)
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-1)
    losses = []
    for t in range(epochs):
        print(f"Epoch {t + 1}\n-------------------------------")
        losses += train(train_dataloader, model, loss_fn, optimizer, device)
        losses.append(test(test_dataloader, model, loss_fn, device))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.pth")
        torch.save(model.state_dict(), path)
        model = NeuralNetwork().to(device)
        model.load_state_dict(torch.load(path, weights_only=True))
    losses.append(test(test_dataloader, model, loss_fn, device))
    classes = ["inner", "middle", "outer"]
    model.eval()
    x, y = test_dataloader.dataset[0]
    with torch.no_grad():
        pred = model(x.unsqueeze(0))
        predicted, actual = classes[pred[0].argmax(0)], classes[y]
        print(f'Predicted: "{predicted}", Actual: "{actual}"')
    return losses


if __name__ == "__main__":
    print(main(sys.argv[1:]))
