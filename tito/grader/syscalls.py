"""The filter of system calls for a student's process: what no program of the course needs, and much of the kernel behind it.

Made with libseccomp through pyseccomp, for x86-64 and arm64. Namespaces and limits keep a process in; this keeps it from
the parts of the kernel in which most ways out were found.
"""

from __future__ import annotations

import errno
import functools
import os
import platform

MACHINES = ("x86_64", "aarch64")
REFUSED = {
    "keys": "add_key keyctl request_key",
    "asynchronous input and output": "io_uring_enter io_uring_register io_uring_setup",
    "other processes": "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace",
    "mounts": "chroot fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree pivot_root umount2",
    "namespaces": "setns unshare",
    "memory of no process": "memfd_create memfd_secret mq_open msgget semget shmat shmget",  # which no limit counts
    "files by handle": "fanotify_init name_to_handle_at open_by_handle_at quotactl",
    "the kernel itself": "acct bpf delete_module finit_module init_module kexec_file_load kexec_load perf_event_open "
    "reboot swapoff swapon syslog userfaultfd",
}
NAMESPACES = (0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x00020000)  # CLONE_NEW…
SOCKETS = (1,)  # AF_UNIX; all others are refused: what a process sends itself over TCP is memory that no limit counts
HIGHEST_FAMILY = 64


def lacking() -> str:
    """Why there is no filter here, as a clause; empty if there is one."""
    if platform.machine() not in MACHINES:
        return f"there is none for {platform.machine()}"
    try:
        path()
    except ImportError:
        return "pyseccomp is not installed"
    except (OSError, RuntimeError, ValueError) as error:  # pyseccomp finds no libseccomp
        return f"libseccomp cannot be used ({error})"
    return ""


@functools.cache
def path(more_sockets: tuple[int, ...] = ()) -> str:
    """A file with the filter, as the kernel takes it; made once, and there as long as this process is.

    Sockets of the families in `more_sockets` are allowed too.
    """
    import pyseccomp

    made = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    refuse = functools.partial(made.add_rule, pyseccomp.ERRNO(errno.EPERM))
    for name in " ".join(REFUSED.values()).split():
        if _known(name):
            refuse(name)
    for flag in NAMESPACES:
        refuse("clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    made.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags are in memory, unseen; glibc then uses clone
    for call in ("socket", "socketpair"):
        for family in set(range(HIGHEST_FAMILY)) - {*SOCKETS, *more_sockets}:
            refuse(call, pyseccomp.Arg(0, pyseccomp.EQ, family))
        refuse(call, pyseccomp.Arg(0, pyseccomp.GE, HIGHEST_FAMILY))
    memory = os.memfd_create("tito-filter")
    with os.fdopen(memory, "wb", closefd=False) as file:
        made.export_bpf(file)
    return f"/proc/{os.getpid()}/fd/{memory}"


def _known(name: str) -> bool:
    """Whether this machine has a system call of this name, and libseccomp knows it."""
    import pyseccomp

    try:
        return pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) >= 0
    except (ValueError, OSError, RuntimeError):
        return False
