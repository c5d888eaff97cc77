"""torch.optim: the optimizers of module 05, and what no lesson teaches."""

from tinytorch.shelf import fill

fill(
    __name__,
    optimizers="Optimizer",
    optim__more="SGD RMSprop Adam AdamW Adagrad Adadelta Adamax NAdam RAdam LBFGS",
)

from tinytorch.optim import lr_scheduler, swa_utils
from tinytorch.shelf import known_as

known_as(
    __name__,
    "optimizer sgd adam adamw rmsprop adagrad adadelta adamax nadam radam lbfgs rprop asgd",
)
