"""torch.utils.data.dataloader."""

from tinytorch.shelf import fill

fill(__name__, utils__loading="DataLoader default_collate")
