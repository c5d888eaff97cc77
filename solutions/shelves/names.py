"""What stands at the top of the package beside the modules' own names: torch.device, torch.float32, torch.exp, torch.save."""

import numpy as np

from tinytorch.shelf import fill

# What is a method of a tensor can be called as a function of it: torch.exp(x) is x.exp().
_METHODS = """
    abs_ ceil_ clamp_ clamp_max_ clamp_min_ cos_ exp_ floor_ fill_ log_ neg_ reciprocal_ round_ rsqrt_ sigmoid_ sin_ sqrt_ square_
    tan_ tanh_ trunc_ zero_ adjoint arcsin arccos arctan arctan2 arcsinh arccosh arctanh cholesky copysign corrcoef cov cummin
    diagflat fix float_power fmax fmin gcd greater_equal heaviside index_put is_nonzero isneginf isposinf lcm ldexp less_equal
    logaddexp2 logdet masked_scatter matrix_power mode moveaxis msort positive scatter_reduce select_scatter sgn signbit sinc
    slice_scatter split_with_sizes unique_consecutive vdot
    addbmm addmv addr argwhere bitwise_left_shift bitwise_right_shift cross deg2rad det erfc frac histc hsplit inverse
    digamma erfinv lgamma poisson slogdet
    kron logcumsumexp rad2deg rot90 take_along_dim vsplit xlogy
    abs absolute acos acosh add addcdiv addcmul addmm all allclose amax amin any argmax argmin argsort asin asinh atan atanh atan2 baddbmm bernoulli
    bincount bitwise_and bitwise_not bitwise_or bitwise_xor bmm broadcast_to ceil chunk clamp clamp_max clamp_min clip clone cos cosh
    count_nonzero cummax cumprod cumsum detach diag diagonal diag_embed diff div divide dot eq equal erf exp exp2 expm1 flatten flip floor
    floor_divide fmod gather ge greater gt index_add index_fill index_select inner isclose isin isfinite isinf isnan kthvalue le lerp less log log10
    log1p log2 log_softmax logaddexp logical_and logical_not logical_or logical_xor logsumexp lt masked_fill masked_select
    matmul max maximum mean median min minimum mm movedim mul relu_ positive nansum nanmean aminmax fliplr flipud logit hypot index_copy dist multinomial multiply mv nan_to_num narrow ne neg negative nonzero norm
    not_equal numel outer permute pow prod quantile ravel reciprocal relu remainder repeat_interleave reshape roll round rsqrt scatter
    scatter_add searchsorted select sigmoid sign sin sinh softmax sort split sqrt square squeeze std sub subtract sum
    swapaxes swapdims t take tan tanh tensor_split tile topk trace transpose tril triu true_divide trunc unbind unflatten unique unsqueeze var var_mean std_mean
"""


def _function(name):
    """The method `name` as a function: of a tensor, or of a number beside one."""

    def function(input, *args, **options):
        if not hasattr(input, name):
            input = Tensor(input)
        return getattr(input, name)(*args, **options)

    function.__name__, function.__doc__ = name, f"x.{name}(…), as a function of x."
    return function


fill(
    __name__,
    tensor="Tensor",
    autograd="Tensor no_grad>inference_mode",
    operations="""
        einsum tensordot cdist spmm cat cat>concat cat>concatenate stack where vstack hstack dstack atleast_1d atleast_2d atleast_3d meshgrid cartesian_prod
        broadcast_tensors bucketize from_numpy rsub tril_indices triu_indices column_stack block_diag combinations row_stack
        trapezoid trapz vander chain_matmul outer>ger pinv>pinverse randint_like unravel_index
    """,
    nn__activations="celu hardshrink prelu threshold rrelu selu selu_ celu_",
    nn__parts="""
        adaptive_avg_pool1d adaptive_max_pool1d alpha_dropout avg_pool1d bilinear conv1d conv2d conv_transpose1d conv_transpose2d
        channel_shuffle cosine_similarity dropout group_norm layer_norm max_pool1d max_pool2d pairwise_distance pdist pixel_shuffle
        pixel_unshuffle rms_norm
    """,
    nn__losses="""
        binary_cross_entropy_with_logits cosine_embedding_loss hinge_embedding_loss kl_div margin_ranking_loss poisson_nll_loss
        triplet_margin_loss
    """,
    amp="autocast GradScaler",
    devices="""
        device dtype float64 double float32 float16 half int64 long int32 int16 short int8 uint8 Size
        FloatTensor DoubleTensor HalfTensor LongTensor IntTensor ShortTensor CharTensor ByteTensor BoolTensor
        zeros ones full empty scalar_tensor arange eye rand randn randint randperm linspace logspace normal tensor as_tensor asarray
        zeros_like ones_like full_like empty_like rand_like randn_like
        bfloat16 manual_seed compile set_num_threads set_float32_matmul_precision
        set_printoptions use_deterministic_algorithms get_default_dtype set_default_dtype
        Generator get_rng_state set_rng_state seed initial_seed is_tensor is_floating_point is_complex result_type can_cast
        promote_types set_default_device get_default_device get_num_threads typename
        contiguous_format preserve_format channels_last strided
    """,
    files="save load",
    gradients="set_grad_enabled enable_grad",
)
from tinytorch import (
    accelerator,
    amp,
    backends,
    cuda,
    distributed,
    distributions,
    jit,
    linalg,
    nn,
    optim,
    random,
    special,
    testing,
    utils,
)

for _name in _METHODS.split():
    if hasattr(globals().get("Tensor"), _name):
        globals()[_name] = _function(_name)
__version__ = "1.0"
# Names that are Python's own stand here in the package only.
_OTHERS = dict(
    pi=np.pi, e=np.e, inf=np.inf, nan=np.nan, newaxis=None, finfo=np.finfo, iinfo=np.iinfo
)
globals().update(
    {name: np.dtype(name + bits) for name, bits in [("float", "32"), ("int", "32"), ("bool", "")]}
    | _OTHERS
)
__all__ = [name for name in globals() if not name.startswith("_") and name not in ("fill", "np")]
__all__ += ["__version__"]
