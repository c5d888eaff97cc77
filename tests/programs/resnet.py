"""A small residual network: batches put together by accumulating gradients, warm restarts, no decay for biases, checkpoints."""

import os
import tempfile
from collections import OrderedDict

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts
from torch.utils.data import DataLoader, Dataset, random_split


class Blobs(Dataset):
    """Images with a bright square in one of four corners."""

    def __init__(self, n, transform=None):
        self.labels = torch.arange(n) % 4
        self.images = torch.randn(n, 3, 12, 12) * 0.3
        for i, label in enumerate(self.labels.tolist()):
            row, column = divmod(label, 2)
            self.images[i, :, row * 6 : row * 6 + 5, column * 6 : column * 6 + 5] += 1.0
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, idx):
        image = self.images[idx]
        if self.transform is not None:
            image = self.transform(image)
        return image, self.labels[idx]


def normalize(image):
    mean = image.mean(dim=(1, 2), keepdim=True)
    std = image.std(dim=(1, 2), keepdim=True)
    return (image - mean) / (std + 1e-6)


def conv3x3(in_planes, out_planes, stride=1):
    return nn.Conv2d(in_planes, out_planes, kernel_size=3, stride=stride, padding=1, bias=False)


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, in_planes, planes, stride=1, downsample=None):
        super().__init__()
        self.conv1 = conv3x3(in_planes, planes, stride)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = conv3x3(planes, planes)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = downsample

    def forward(self, x):
        identity = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.downsample is not None:
            identity = self.downsample(x)
        out += identity
        return self.relu(out)


class ResNet(nn.Module):
    def __init__(self, block, layers, num_classes=4):
        super().__init__()
        self.in_planes = 8
        self.stem = nn.Sequential(
            OrderedDict([("conv", conv3x3(3, 8)), ("bn", nn.BatchNorm2d(8)), ("relu", nn.ReLU(True))])
        )
        self.layer1 = self._make_layer(block, 8, layers[0])
        self.layer2 = self._make_layer(block, 12, layers[1], stride=2)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.drop = nn.Dropout(p=0.2)
        self.fc = nn.Linear(12 * block.expansion, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
                nn.init.constant_(m.weight, 1)
                nn.init.constant_(m.bias, 0)

    def _make_layer(self, block, planes, blocks, stride=1):
        downsample = None
        if stride != 1 or self.in_planes != planes * block.expansion:
            downsample = nn.Sequential(
                nn.Conv2d(self.in_planes, planes * block.expansion, 1, stride, bias=False),
                nn.BatchNorm2d(planes * block.expansion),
            )
        layers = [block(self.in_planes, planes, stride, downsample)]
        self.in_planes = planes * block.expansion
        layers.extend(block(self.in_planes, planes) for _ in range(1, blocks))
        return nn.Sequential(*layers)

    def forward(self, x):
        x = self.maxpool(self.layer2(self.layer1(self.stem(x))))
        x = torch.flatten(self.avgpool(x), 1)
        return self.fc(self.drop(x))


def groups(model, weight_decay):
    decay, no_decay = [], []
    for name, param in model.named_parameters():
        if not param.requires_grad:
            continue
        (no_decay if param.ndim <= 1 or name.endswith(".bias") else decay).append(param)
    return [{"params": no_decay, "weight_decay": 0.0}, {"params": decay, "weight_decay": weight_decay}]


@torch.no_grad()
def evaluate(model, loader, device):
    model.eval()
    correct = total = 0
    loss_sum = 0.0
    for images, labels in loader:
        images, labels = images.to(device, non_blocking=True), labels.to(device)
        outputs = model(images)
        loss_sum += F.cross_entropy(outputs, labels, reduction="sum").item()
        _, predicted = torch.max(outputs.data, 1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
    return loss_sum / total, correct / total


def main(argv=None):
    device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(0)
    torch.backends.cudnn.benchmark = True
    data = Blobs(40, transform=normalize)
    train_set, val_set = random_split(data, [32, 8], generator=torch.Generator().manual_seed(42))
    train_loader = DataLoader(train_set, batch_size=8, shuffle=False, num_workers=0, pin_memory=False, drop_last=True)
    val_loader = DataLoader(val_set, batch_size=4)
    model = ResNet(BasicBlock, [1, 1]).to(device)
    model.drop.p = 0.0
    criterion = nn.CrossEntropyLoss().to(device)
    optimizer = torch.optim.SGD(groups(model, 5e-4), lr=0.05, momentum=0.9, nesterov=True)
    scheduler = CosineAnnealingWarmRestarts(optimizer, T_0=2, T_mult=2, eta_min=1e-4)
    accumulate, losses = 2, []
    for epoch in range(2):
        model.train()
        optimizer.zero_grad(set_to_none=True)
        for i, (images, labels) in enumerate(train_loader):
            loss = criterion(model(images.to(device)), labels.to(device)) / accumulate
            loss.backward()
            losses.append(loss.item() * accumulate)
            if (i + 1) % accumulate == 0:
                norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
                optimizer.step()
                scheduler.step(epoch + i / len(train_loader))
                optimizer.zero_grad()
        losses.append(float(norm))
        val_loss, accuracy = evaluate(model, val_loader, device)
        losses += [val_loss, accuracy, optimizer.param_groups[0]["lr"], scheduler.get_last_lr()[-1]]
    path = os.path.join(tempfile.mkdtemp(), "checkpoint.pt")
    torch.save(
        {
            "epoch": epoch,
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
        },
        path,
    )
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    again = ResNet(BasicBlock, [1, 1])
    print(again.load_state_dict(checkpoint["model"]))
    missing, unexpected = again.load_state_dict(
        {k: v for k, v in checkpoint["model"].items() if "fc" not in k}, strict=False
    )
    losses.append(float(len(missing)))
    optimizer2 = torch.optim.SGD(groups(again, 5e-4), lr=0.05, momentum=0.9, nesterov=True)
    optimizer2.load_state_dict(checkpoint["optimizer"])
    losses.append(optimizer2.param_groups[1]["lr"])
    losses.append(evaluate(again, val_loader, device)[0])
    for p in again.layer1.parameters():
        p.requires_grad = False
    losses.append(float(sum(p.numel() for p in again.parameters() if p.requires_grad)))
    return losses


if __name__ == "__main__":
    print(main())
