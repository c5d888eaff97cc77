"""torch.optim.lr_scheduler: the schedules of module 05, and what no lesson teaches."""

from tinytorch.shelf import fill

fill(
    __name__,
    optimizers="LRScheduler LRScheduler>_LRScheduler StepLR LinearLR CosineAnnealingLR OneCycleLR",
    optim__schedules="""
        LambdaLR MultiplicativeLR MultiStepLR ExponentialLR ConstantLR PolynomialLR CosineAnnealingWarmRestarts CyclicLR
        SequentialLR ChainedScheduler ReduceLROnPlateau
    """,
)
