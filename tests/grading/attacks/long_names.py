"""An error whose names and lines are as long as they can be."""

MET = "x{1000}"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    import os

    name = "x" * 100_000
    code = compile(f"def {name}():\n    raise type('{name}', (ValueError,), {{}})('{name}')\n", "", "exec")
    path = os.path.join(os.path.dirname(__file__), name)
    inner = [part.replace(co_filename=path) if hasattr(part, "co_name") else part for part in code.co_consts]
    space = {}
    exec(code.replace(co_consts=tuple(inner)), space)
    space[name]()
