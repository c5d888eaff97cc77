"""torch.nn.init: starting values. The four that module 03 wrote, and simpler ones."""

from tinytorch.shelf import fill

fill(
    __name__,
    layers="xavier_uniform_ xavier_normal_",
    nn__starts="""
        kaiming_uniform_ kaiming_normal_ uniform_ normal_ trunc_normal_ constant_ zeros_ ones_ eye_ orthogonal_
        calculate_gain _calculate_fan_in_and_fan_out _calculate_correct_fan
    """,
)
