"""Module 03's functions of arrays, called with tensors."""

import numpy as np

import tinytorch.layers as layers
from tinytorch.operations import operation

relu, leaky_relu, sigmoid, gelu, softmax, log_softmax, max_pool2d, avg_pool2d = (
    operation(getattr(layers, name), inputs=1)
    for name in "relu leaky_relu sigmoid gelu softmax log_softmax max_pool2d avg_pool2d".split()
)
linear, conv2d, normalize = (
    operation(getattr(layers, name), inputs=3) for name in "linear conv2d normalize".split()
)
tanh = operation(np.tanh)
