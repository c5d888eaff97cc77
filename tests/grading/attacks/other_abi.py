"""The system calls of a 32-bit program, which have other numbers than those that are refused."""

MET = "SIGSYS|SIGSEGV|exit code 1(59|39)"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import ctypes
    import mmap
    import os

    if os.uname().machine != "x86_64":
        os._exit(159)
    # mov eax, 288 (keyctl); xor ebx, ebx; mov ecx, -3; mov edx, 1; int 0x80; ret; the first saves what it must
    code = bytes.fromhex("53 b8 20010000 31db b9 fdffffff ba 01000000 cd80 5b c3")
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    if call() > 0:
        print("SEEN")
    return None
