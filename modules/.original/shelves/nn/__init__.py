"""torch.nn: the layers of module 03 and the losses of module 04, and what no lesson teaches."""

from tinytorch.shelf import fill

fill(
    __name__,
    layers="Module Parameter Flatten Sigmoid Tanh Softmax LogSoftmax",
    backprop="MSELoss L1Loss",
    nn__containers="Sequential ModuleList ModuleDict ParameterList ParameterDict Identity Unflatten",
    nn__activations="""
        GELU ELU CELU SELU SiLU Mish Softplus Softsign Softmin LogSigmoid Hardtanh ReLU6 Hardsigmoid Hardswish Threshold GLU PReLU
        Tanhshrink Softshrink Hardshrink
    """,
    nn__parts="""
        Linear Bilinear Embedding ReLU LeakyReLU Dropout Dropout1d Dropout2d
        Conv1d Conv2d Conv2d>Conv2D ConvTranspose2d MaxPool1d MaxPool2d AvgPool1d AvgPool2d
        AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveMaxPool2d Upsample PixelShuffle Unfold
        ZeroPad2d ConstantPad2d ReflectionPad2d ReplicationPad2d
        LayerNorm RMSNorm GroupNorm InstanceNorm2d BatchNorm1d BatchNorm2d CosineSimilarity PairwiseDistance
    """,
    nn__losses="""
        NLLLoss CrossEntropyLoss BCELoss BCEWithLogitsLoss SmoothL1Loss HuberLoss KLDivLoss PoissonNLLLoss GaussianNLLLoss
        SoftMarginLoss HingeEmbeddingLoss MarginRankingLoss TripletMarginLoss CosineEmbeddingLoss MultiMarginLoss
    """,
    nn__recurrent="RNNCell GRUCell LSTMCell RNN GRU LSTM",
    nn__attention="""
        MultiheadAttention TransformerEncoderLayer TransformerDecoderLayer TransformerEncoder TransformerDecoder Transformer
    """,
)

from tinytorch.nn import functional, init, modules, parallel, parameter, utils
from tinytorch.nn.parallel import DataParallel
