"""torch.nn.functional: the operations of modules 03 and 04, called by their names, and what no lesson teaches."""

from tinytorch.shelf import fill

fill(
    __name__,
    layers="sigmoid tanh",
    nn__activations="""
        relu softmax log_softmax gelu leaky_relu elu celu tanhshrink softshrink hardshrink selu silu mish softplus softsign softmin logsigmoid hardtanh relu6 hardsigmoid hardswish glu
        prelu rrelu threshold gumbel_softmax relu_ leaky_relu_ elu_ selu_ celu_ hardtanh_
    """,
    nn__parts="""
        linear bilinear embedding embedding_bag one_hot fold pixel_unshuffle adaptive_max_pool1d local_response_norm dropout alpha_dropout interpolate>upsample dropout1d dropout2d dropout2d>dropout3d
        conv1d conv2d conv_transpose1d conv_transpose2d pad unfold interpolate pixel_shuffle channel_shuffle pdist
        max_pool1d max_pool2d avg_pool1d avg_pool2d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_max_pool2d
        layer_norm batch_norm group_norm instance_norm rms_norm normalize
        scaled_dot_product_attention cosine_similarity pairwise_distance
    """,
    nn__losses="""
        mse_loss l1_loss smooth_l1_loss huber_loss nll_loss cross_entropy binary_cross_entropy
        binary_cross_entropy_with_logits kl_div poisson_nll_loss gaussian_nll_loss soft_margin_loss hinge_embedding_loss
        margin_ranking_loss triplet_margin_loss cosine_embedding_loss multi_margin_loss
        multilabel_soft_margin_loss triplet_margin_with_distance_loss
    """,
)
