"""torch.nn.utils: clipping, from module 05, parameters as one vector, and weights that are computed."""

from tinytorch.nn.utils import parametrizations, parametrize, rnn
from tinytorch.shelf import fill, known_as

fill(
    __name__,
    optimizers="clip_grad_norm_ clip_grad_value_ clip_grad_norm_>clip_grad_norm",
    nn__vectors="parameters_to_vector vector_to_parameters get_total_norm clip_grads_with_norm_",
    nn__computed="weight_norm remove_weight_norm spectral_norm remove_spectral_norm",
)
known_as(__name__, "clip_grad convert_parameters")
