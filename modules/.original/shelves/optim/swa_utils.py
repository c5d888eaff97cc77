"""torch.optim.swa_utils: models whose weights are averages of another's."""

from tinytorch.shelf import fill

fill(
    __name__,
    optim__averages="""
        AveragedModel SWALR update_bn get_ema_avg_fn get_ema_multi_avg_fn get_swa_avg_fn get_swa_multi_avg_fn
    """,
)
