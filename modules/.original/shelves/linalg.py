"""torch.linalg: norms, inverses, determinants, products."""

from tinytorch.shelf import fill

fill(
    __name__, operations="norm vector_norm matrix_norm inverse>inv det solve multi_dot matmul cross"
)
