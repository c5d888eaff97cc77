"""Two convolutional networks against each other, with two optimizers, noise that stays and a moving average of weights."""

import copy

import torch
import torch.nn as nn
import torch.nn.parallel
import torch.optim as optim
import torch.utils.data

nz, ngf, ndf, nc = 6, 4, 4, 1


def weights_init(m):
    classname = m.__class__.__name__
    if classname.find("Conv") != -1:
        nn.init.normal_(m.weight.data, 0.0, 0.05)
    elif classname.find("BatchNorm") != -1:
        nn.init.normal_(m.weight.data, 1.0, 0.02)
        nn.init.constant_(m.bias.data, 0)


class Generator(nn.Module):
    def __init__(self):
        super(Generator, self).__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(nz, ngf * 2, 4, 1, 0, bias=False),
            nn.BatchNorm2d(ngf * 2),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf, nc, 4, 2, 1, bias=False),
            nn.Tanh(),
        )

    def forward(self, input):
        return self.main(input)


class Discriminator(nn.Module):
    def __init__(self):
        super(Discriminator, self).__init__()
        self.main = nn.Sequential(
            nn.utils.spectral_norm(nn.Conv2d(nc, ndf, 4, 2, 1, bias=False)),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False),
            nn.InstanceNorm2d(ndf * 2, affine=True),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 2, 1, 4, 1, 0, bias=False),
        )

    def forward(self, input):
        return self.main(input).view(-1)


def real(n, step):
    across = torch.linspace(-1, 1, 16)
    yy, xx = torch.meshgrid(across, across, indexing="ij")
    centers = torch.stack([torch.sin(torch.arange(n) + step), torch.cos(torch.arange(n) * 2.0 + step)], dim=1) * 0.5
    distance = (xx[None] - centers[:, 0, None, None]).square() + (yy[None] - centers[:, 1, None, None]) ** 2
    return (distance < 0.15).float().unsqueeze(1) * 2 - 1


def main(argv=None):
    torch.manual_seed(999)
    netG, netD = Generator(), Discriminator()
    netG.apply(weights_init)
    ema = copy.deepcopy(netG).eval().requires_grad_(False)
    criterion = nn.BCEWithLogitsLoss()
    fixed_noise = torch.randn(4, nz, 1, 1)
    real_label, fake_label = 0.9, 0.0
    optimizerD = optim.Adam(netD.parameters(), lr=0.002, betas=(0.5, 0.999))
    optimizerG = optim.Adam(netG.parameters(), lr=0.002, betas=(0.5, 0.999))
    losses = []
    for step in range(4):
        netD.zero_grad()
        data = real(6, step)
        label = torch.full((data.size(0),), real_label, dtype=torch.float, device=data.device)
        output = netD(data)
        errD_real = criterion(output, label)
        errD_real.backward()
        noise = torch.randn(6, nz, 1, 1)
        fake = netG(noise)
        label.fill_(fake_label)
        errD_fake = criterion(netD(fake.detach()), label)
        errD_fake.backward()
        optimizerD.step()
        netG.zero_grad()
        label.fill_(real_label)
        for p in netD.parameters():
            p.requires_grad_(False)
        errG = criterion(netD(fake), label)
        errG.backward()
        for p in netD.parameters():
            p.requires_grad_(True)
        optimizerG.step()
        with torch.no_grad():
            for p_ema, p in zip(ema.parameters(), netG.parameters()):
                p_ema.copy_(p.lerp(p_ema, 0.9))
            for b_ema, b in zip(ema.buffers(), netG.buffers()):
                b_ema.copy_(b)
        losses += [(errD_real + errD_fake).item(), errG.item()]
    with torch.no_grad():
        losses.append(ema(fixed_noise).detach().cpu().abs().mean().item())
    return losses


if __name__ == "__main__":
    print(main())
