"""torch.linalg: norms, inverses, determinants, products, and decompositions, of which no gradient is known."""

from tinytorch.shelf import fill

fill(
    __name__,
    operations="""
        matrix_or_vector_norm>norm vector_norm matrix_norm inverse>inv det solve multi_dot matmul cross matrix_diagonal>diagonal matrix_power vecdot
        cholesky slogdet solve_triangular svd svdvals qr eigh eigvalsh lstsq pinv matrix_rank cond
    """,
)
