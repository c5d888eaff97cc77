"""torch.nn.init: starting values. The four that module 03 wrote, and simpler ones; also by their old names, without _."""

from tinytorch.shelf import fill

fill(
    __name__,
    layers="xavier_uniform_ xavier_normal_ xavier_uniform_>xavier_uniform xavier_normal_>xavier_normal",
    nn__starts="""
        kaiming_uniform_ kaiming_normal_ uniform_ normal_ trunc_normal_ constant_ zeros_ ones_ eye_ orthogonal_ dirac_ sparse_
        kaiming_uniform_>kaiming_uniform kaiming_normal_>kaiming_normal uniform_>uniform normal_>normal
        constant_>constant eye_>eye orthogonal_>orthogonal
        calculate_gain _calculate_fan_in_and_fan_out _calculate_correct_fan
    """,
)
