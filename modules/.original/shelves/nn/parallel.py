"""torch.nn.parallel: there is one device, on which a model runs as it is."""


def DataParallel(module, device_ids=None, output_device=None, dim=0):
    """The module itself."""
    return module


class DistributedDataParallel:
    """An error: one process trains here."""

    def __init__(self, module, **options):
        raise RuntimeError("one process trains here: use the module as it is")
