"""torch.nn: the layers of module 03 and the losses of module 04, and what no lesson teaches."""

from tinytorch.shelf import fill, placed

fill(
    __name__,
    layers="Module Parameter Flatten Sigmoid Tanh Softmax LogSoftmax",
    nn__containers="Sequential ModuleList ModuleDict ParameterList ParameterDict Identity Unflatten",
    nn__activations="""
        GELU ELU CELU SELU SiLU Mish Softplus Softsign Softmin LogSigmoid Hardtanh ReLU6 Hardsigmoid Hardswish Threshold GLU PReLU
        Tanhshrink Softshrink Hardshrink Softmax2d RReLU
    """,
    nn__parts="""
        Linear Bilinear Embedding EmbeddingBag ReLU LeakyReLU Dropout Dropout1d Dropout2d Dropout2d>Dropout3d
        LazyLinear LazyConv1d LazyConv2d LazyBatchNorm1d LazyBatchNorm2d AlphaDropout
        Conv1d Conv2d Conv2d>Conv2D ConvTranspose1d ConvTranspose2d MaxPool1d MaxPool2d AvgPool1d AvgPool2d
        AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveMaxPool1d AdaptiveMaxPool2d Upsample UpsamplingNearest2d UpsamplingBilinear2d PixelShuffle PixelUnshuffle ChannelShuffle Fold Unfold
        ConstantPad1d ZeroPad1d CircularPad1d ReflectionPad1d ReplicationPad1d ZeroPad2d ConstantPad2d ReflectionPad2d ReplicationPad2d CircularPad2d
        LayerNorm RMSNorm GroupNorm LocalResponseNorm InstanceNorm1d InstanceNorm2d BatchNorm1d BatchNorm2d CosineSimilarity PairwiseDistance
    """,
    nn__losses="""
        MSELoss L1Loss NLLLoss CrossEntropyLoss BCELoss BCEWithLogitsLoss SmoothL1Loss HuberLoss KLDivLoss PoissonNLLLoss GaussianNLLLoss
        SoftMarginLoss HingeEmbeddingLoss MarginRankingLoss TripletMarginLoss CosineEmbeddingLoss MultiMarginLoss
        MultiLabelSoftMarginLoss TripletMarginWithDistanceLoss
    """,
    nn__recurrent="RNNCell GRUCell LSTMCell RNN GRU LSTM",
    nn__attention="""
        MultiheadAttention TransformerEncoderLayer TransformerDecoderLayer TransformerEncoder TransformerDecoder Transformer
    """,
)

for _name in """
    Linear Bilinear Embedding EmbeddingBag Conv1d Conv2d ConvTranspose1d ConvTranspose2d LayerNorm RMSNorm GroupNorm InstanceNorm2d BatchNorm1d
    BatchNorm2d RNNCell GRUCell LSTMCell RNN GRU LSTM PReLU
    MultiheadAttention TransformerEncoderLayer TransformerDecoderLayer Transformer
""".split():
    if _name in globals():
        placed(globals()[_name])

from tinytorch.nn import functional, init, modules, parallel, parameter, utils
from tinytorch.nn.parallel import DataParallel
