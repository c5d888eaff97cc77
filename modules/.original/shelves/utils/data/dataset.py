"""torch.utils.data.dataset."""

from tinytorch.shelf import fill

fill(
    __name__,
    training="Dataset TensorDataset Subset random_split",
    utils__loading="IterableDataset ConcatDataset ChainDataset StackDataset",
)
