"""Noise taken from points step by step: schedules in buffers, sines of the time, a moving average of the model."""

import math
from functools import partial

import torch
import torch.nn.functional as F
from torch import einsum, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def exists(x):
    return x is not None


class SinusoidalPosEmb(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, x):
        half_dim = self.dim // 2
        emb = math.log(10000) / (half_dim - 1)
        emb = torch.exp(torch.arange(half_dim, device=x.device) * -emb)
        emb = x[:, None] * emb[None, :]
        return torch.cat((emb.sin(), emb.cos()), dim=-1)


class Block(nn.Module):
    def __init__(self, dim, dim_out, groups=4):
        super().__init__()
        self.proj = nn.Conv2d(dim, dim_out, 3, padding=1)
        self.norm = nn.GroupNorm(groups, dim_out)
        self.act = nn.SiLU()

    def forward(self, x, scale_shift=None):
        x = self.norm(self.proj(x))
        if exists(scale_shift):
            scale, shift = scale_shift
            x = x * (scale + 1) + shift
        return self.act(x)


class ResnetBlock(nn.Module):
    def __init__(self, dim, dim_out, *, time_emb_dim=None):
        super().__init__()
        self.mlp = nn.Sequential(nn.SiLU(), nn.Linear(time_emb_dim, dim_out * 2)) if exists(time_emb_dim) else None
        self.block1 = Block(dim, dim_out)
        self.block2 = Block(dim_out, dim_out)
        self.res_conv = nn.Conv2d(dim, dim_out, 1) if dim != dim_out else nn.Identity()

    def forward(self, x, time_emb=None):
        scale_shift = None
        if exists(self.mlp) and exists(time_emb):
            time_emb = self.mlp(time_emb)[:, :, None, None]
            scale_shift = time_emb.chunk(2, dim=1)
        return self.block2(self.block1(x, scale_shift=scale_shift)) + self.res_conv(x)


class LinearAttention(nn.Module):
    def __init__(self, dim, heads=2, dim_head=4):
        super().__init__()
        self.scale, self.heads = dim_head**-0.5, heads
        self.to_qkv = nn.Conv2d(dim, heads * dim_head * 3, 1, bias=False)
        self.to_out = nn.Sequential(nn.Conv2d(heads * dim_head, dim, 1), nn.GroupNorm(1, dim))

    def forward(self, x):
        b, c, h, w = x.shape
        qkv = self.to_qkv(x).chunk(3, dim=1)
        q, k, v = (t.reshape(b, self.heads, -1, h * w) for t in qkv)
        q, k = q.softmax(dim=-2) * self.scale, k.softmax(dim=-1)
        context = torch.einsum("b h d n, b h e n -> b h d e", k, v)
        out = einsum("b h d e, b h d n -> b h e n", context, q)
        return self.to_out(out.reshape(b, -1, h, w))


class Unet(nn.Module):
    def __init__(self, dim=8):
        super().__init__()
        self.time_mlp = nn.Sequential(
            SinusoidalPosEmb(dim), nn.Linear(dim, dim * 4), nn.GELU(), nn.Linear(dim * 4, dim)
        )
        block = partial(ResnetBlock, time_emb_dim=dim)
        self.init_conv = nn.Conv2d(1, dim, 3, padding=1)
        self.downs = nn.ModuleList(
            [nn.ModuleList([block(dim, dim), LinearAttention(dim), nn.Conv2d(dim, dim, 4, 2, 1)])]
        )
        self.mid = block(dim, dim)
        self.ups = nn.ModuleList([])
        self.ups.append(nn.ModuleList([nn.Upsample(scale_factor=2, mode="nearest"), block(dim * 2, dim)]))
        self.final = nn.Conv2d(dim, 1, 1)

    def forward(self, x, time):
        x = self.init_conv(x)
        t = self.time_mlp(time)
        h = []
        for block, attn, down in self.downs:
            x = block(x, t)
            x = attn(x) + x
            h.append(x)
            x = down(x)
        x = self.mid(x, t)
        for up, block in self.ups:
            x = torch.cat((up(x), h.pop()), dim=1)
            x = block(x, t)
        return self.final(x)


def extract(a, t, x_shape):
    b, *_ = t.shape
    return a.gather(-1, t).reshape(b, *((1,) * (len(x_shape) - 1)))


def cosine_beta_schedule(timesteps, s=0.008):
    x = torch.linspace(0, timesteps, timesteps + 1, dtype=torch.float64)
    alphas_cumprod = torch.cos(((x / timesteps) + s) / (1 + s) * math.pi * 0.5) ** 2
    alphas_cumprod = alphas_cumprod / alphas_cumprod[0]
    return torch.clip(1 - alphas_cumprod[1:] / alphas_cumprod[:-1], 0, 0.999)


class Diffusion(nn.Module):
    def __init__(self, model, timesteps=20):
        super().__init__()
        self.model, self.num_timesteps = model, timesteps
        betas = cosine_beta_schedule(timesteps)
        alphas = 1.0 - betas
        alphas_cumprod = torch.cumprod(alphas, dim=0)
        alphas_cumprod_prev = F.pad(alphas_cumprod[:-1], (1, 0), value=1.0)

        def register(name, val):
            self.register_buffer(name, val.to(torch.float32))

        register("betas", betas)
        register("sqrt_alphas_cumprod", torch.sqrt(alphas_cumprod))
        register("sqrt_one_minus_alphas_cumprod", torch.sqrt(1.0 - alphas_cumprod))
        register("sqrt_recip_alphas", torch.sqrt(1.0 / alphas))
        register("posterior_variance", betas * (1.0 - alphas_cumprod_prev) / (1.0 - alphas_cumprod))

    def q_sample(self, x_start, t, noise):
        return (
            extract(self.sqrt_alphas_cumprod, t, x_start.shape) * x_start
            + extract(self.sqrt_one_minus_alphas_cumprod, t, x_start.shape) * noise
        )

    def forward(self, img):
        t = torch.randint(0, self.num_timesteps, (img.shape[0],), device=img.device).long()
        noise = torch.randn_like(img)
        return F.mse_loss(self.model(self.q_sample(img, t, noise), t), noise)

    @torch.inference_mode()
    def p_sample_loop(self, shape):
        img = torch.randn(shape)
        for i in reversed(range(0, 5)):
            t = torch.full((shape[0],), i, dtype=torch.long)
            mean = extract(self.sqrt_recip_alphas, t, img.shape) * (
                img
                - extract(self.betas, t, img.shape)
                * self.model(img, t)
                / extract(self.sqrt_one_minus_alphas_cumprod, t, img.shape)
            )
            noise = torch.randn_like(img) if i > 0 else 0.0
            img = mean + torch.sqrt(extract(self.posterior_variance, t, img.shape)) * noise
        return img.clamp_(-1, 1)


def main(argv=None):
    torch.manual_seed(0)
    diffusion = Diffusion(Unet())
    ema = AveragedModel(diffusion, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    optimizer = torch.optim.Adam(diffusion.parameters(), lr=2e-3, betas=(0.9, 0.99))
    scaler = torch.amp.GradScaler("cpu", enabled=False)
    across = torch.linspace(-3, 3, 8)
    losses = []
    for step in range(4):
        images = torch.sin(across[None, :] + across[:, None] * 0.5 + torch.rand(4, 1, 1) * 6).unsqueeze(1)
        with torch.autocast(device_type="cpu", dtype=torch.bfloat16, enabled=False):
            loss = diffusion(images)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(diffusion.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
        ema.update_parameters(diffusion)
        losses.append(loss.item())
    ema.eval()
    losses.append(ema.module.p_sample_loop((2, 1, 8, 8)).std().item())
    return losses


if __name__ == "__main__":
    print(main())
