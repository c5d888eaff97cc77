"""An error whose lines, message and type hold half a character, which no file can be written with."""

MET = "message \\?"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None):
    code = compile("def raising():\n    raise type('E\\ud800rror', (ValueError,), {})('message \\udfff')\n", "", "exec")
    import os

    path = os.path.join(os.path.dirname(__file__), "half\ud800.py")
    space = {}
    exec(
        code.replace(
            co_filename=path,
            co_consts=tuple(
                part.replace(co_filename=path, co_name="half\ud800") if hasattr(part, "co_name") else part
                for part in code.co_consts
            ),
        ),
        space,
    )
    print("\ud800".encode("utf-8", "surrogatepass"))
    space["raising"]()
