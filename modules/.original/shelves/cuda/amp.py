"""torch.cuda.amp: the same as torch.amp."""

from tinytorch.amp import GradScaler, autocast
