"""Operations that programs need and no lesson teaches, with their derivative rules; and PyTorch's names for the rest.

What is a function of one tensor first is set on `Tensor` as a method, too. Given: nothing here is an exercise.
"""

# ruff: noqa: F403
from tinytorch.operations.shared import *
from tinytorch.operations.values import *
from tinytorch.operations.gamma import *
from tinytorch.operations.reductions import *
from tinytorch.operations.order import *
from tinytorch.operations.places import *
from tinytorch.operations.shapes import *
from tinytorch.operations.products import *
from tinytorch.operations.making import *
from tinytorch.operations.in_place import *
