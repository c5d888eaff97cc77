"""torch.utils.data: the data sets and the loader of module 06, and what no lesson teaches."""

from tinytorch.shelf import fill, known_as
from tinytorch.utils.data import dataloader, dataset

fill(
    __name__,
    training="Dataset TensorDataset Subset random_split",
    utils__loading="""
        DataLoader default_collate IterableDataset ConcatDataset ChainDataset StackDataset get_worker_info
        Sampler SequentialSampler RandomSampler SubsetRandomSampler WeightedRandomSampler BatchSampler
    """,
)

known_as(__name__, "sampler")
