"""What stands at the top of the package beside the modules' own names: torch.device, torch.float32, torch.exp, torch.save."""

import numpy as np

from tinytorch.shelf import fill

# What is a method of a tensor can be called as a function of it: torch.exp(x) is x.exp().
_METHODS = """
    addbmm addmv addr argwhere bitwise_left_shift bitwise_right_shift cross deg2rad det erfc frac histc hsplit inverse
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
        broadcast_tensors bucketize from_numpy rsub tril_indices triu_indices column_stack block_diag combinations
    """,
    devices="""
        device dtype float64 double float32 float16 half int64 long int32 int16 short int8 uint8 Size
        FloatTensor DoubleTensor LongTensor IntTensor ByteTensor BoolTensor
        zeros ones full empty arange eye rand randn randint randperm linspace logspace normal tensor as_tensor asarray
        zeros_like ones_like full_like empty_like rand_like randn_like
        bfloat16 manual_seed compile set_num_threads set_float32_matmul_precision
        set_printoptions use_deterministic_algorithms get_default_dtype set_default_dtype
        Generator get_rng_state set_rng_state is_tensor is_floating_point
    """,
    files="save load",
    gradients="set_grad_enabled enable_grad",
)
from tinytorch import accelerator, amp, backends, cuda, distributions, linalg, nn, optim, utils

for _name in _METHODS.split():
    if hasattr(globals().get("Tensor"), _name):
        globals()[_name] = _function(_name)
__version__ = "1.0"
# Names that are Python's own stand here in the package only.
_OTHERS = dict(pi=np.pi, inf=np.inf, nan=np.nan, finfo=np.finfo, iinfo=np.iinfo)
globals().update(
    {name: np.dtype(name + bits) for name, bits in [("float", "32"), ("int", "32"), ("bool", "")]}
    | _OTHERS
)
__all__ = [name for name in globals() if not name.startswith("_") and name not in ("fill", "np")]
__all__ += ["__version__"]
