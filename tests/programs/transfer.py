"""A network learns one task; its features are taken over, frozen, for another."""

import copy

import torch
from torch import nn, optim
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, TensorDataset, random_split


class Backbone(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(6),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
            nn.Conv2d(6, 12, kernel_size=3, padding=1, groups=2),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
        )
        self.fc = nn.Linear(12, num_classes)

    def forward(self, x):
        x = self.features(x)
        return self.fc(torch.flatten(x, start_dim=1))


def task(n, classes, generator=None):
    """Images whose class is the number of the brightest row."""
    images = torch.rand(n, 1, 8, 8, generator=generator)
    labels = torch.randint(0, classes, (n,), generator=generator)
    for i in range(n):
        images[i, 0, labels[i]] += 1.5
    return TensorDataset(images, labels)


def train_model(model, dataloaders, criterion, optimizer, scheduler, num_epochs):
    losses = []
    best_model_wts = copy.deepcopy(model.state_dict())
    best_acc = 0.0
    for epoch in range(num_epochs):
        for phase in ["train", "val"]:
            if phase == "train":
                model.train()
            else:
                model.eval()
            running_loss = 0.0
            running_corrects = 0
            for inputs, labels in dataloaders[phase]:
                optimizer.zero_grad()
                with torch.set_grad_enabled(phase == "train"):
                    outputs = model(inputs)
                    _, preds = torch.max(outputs, 1)
                    loss = criterion(outputs, labels)
                    if phase == "train":
                        loss.backward()
                        optimizer.step()
                running_loss += loss.item() * inputs.size(0)
                running_corrects += torch.sum(preds == labels.data)
                losses.append(loss.item())
            if phase == "train":
                scheduler.step()
            size = len(dataloaders[phase].dataset)
            epoch_loss = running_loss / size
            epoch_acc = running_corrects.double() / size
            print(f"epoch {epoch} {phase} Loss: {epoch_loss:.4f} Acc: {epoch_acc:.4f}")
            if phase == "val" and epoch_acc > best_acc:
                best_acc = epoch_acc
                best_model_wts = copy.deepcopy(model.state_dict())
    model.load_state_dict(best_model_wts)
    return losses


def loaders(dataset):
    n = len(dataset)
    train, val = random_split(dataset, [n - n // 4, n // 4])
    return {"train": DataLoader(train, batch_size=16, shuffle=True), "val": DataLoader(val, batch_size=16)}


def main(argv=None):
    teacher = Backbone(4)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = optim.SGD(teacher.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    scheduler = lr_scheduler.CosineAnnealingLR(optimizer, T_max=4)
    losses = train_model(teacher, loaders(task(48, 4)), criterion, optimizer, scheduler, num_epochs=2)

    pretrained = {k: v for k, v in teacher.state_dict().items() if not k.startswith("fc.")}
    student = Backbone(3)
    missing, unexpected = student.load_state_dict(pretrained, strict=False)
    print("missing:", missing, "unexpected:", unexpected)
    for param in student.features.parameters():
        param.requires_grad = False
    num_ftrs = student.fc.in_features
    student.fc = nn.Linear(num_ftrs, 3)
    trainable = filter(lambda p: p.requires_grad, student.parameters())
    optimizer = optim.Adam(trainable, lr=0.01, amsgrad=True)
    scheduler = lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.1)
    losses += train_model(student, loaders(task(32, 3)), criterion, optimizer, scheduler, num_epochs=2)
    for name, param in student.named_parameters():
        assert param.requires_grad != name.startswith("features."), name
    return losses


if __name__ == "__main__":
    print(main())
