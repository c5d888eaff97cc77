"""torch.distributed: there is one process."""


def is_available():
    """False: one process trains here."""
    return False


is_initialized = is_available


def get_rank(group=None):
    """0: the only one."""
    return 0


def get_world_size(group=None):
    """1."""
    return 1


def init_process_group(*args, **options):
    """An error."""
    raise RuntimeError("one process trains here: there is no group of processes to join")


def destroy_process_group(group=None):
    """Nothing."""


def barrier(group=None):
    """Nothing: nobody is waited for."""
