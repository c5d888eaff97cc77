"""Draw the front page's picture: the reverse debugger on a small network, on its way back. Needs chromium.

`.venv/bin/python book/pictures/draw.py` writes debugger-light.png and debugger-dark.png beside itself.
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tito import show
from tito.author.build import read_lessons, write_reference
from tito.workspace import Workspace

HERE = Path(__file__).parent
STEPS = 11  # of 13: at tanh, where the gradient meets the values that went forward


def main():
    with tempfile.TemporaryDirectory() as folder:
        write_reference(read_lessons(Workspace(HERE.parents[1])), Path(folder))
        sys.path.insert(0, folder)
        page = Path(folder) / "debugger.html"
        debugger().save(page)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for scheme in ("light", "dark"):
                draw(browser, page, scheme)
            browser.close()


def debugger():
    """The debugger on XOR, before any training."""
    from tinytorch.autograd import Tensor
    from tinytorch.backprop import BCEWithLogitsLoss
    from tinytorch.layers import Linear, Sequential, Tanh
    from tinytorch.tensor import manual_seed

    manual_seed(0)
    model = Sequential(Linear(2, 4), Tanh(), Linear(4, 1))
    corners, answers = Tensor([[0, 0], [0, 1], [1, 0], [1, 1]]), Tensor([[0], [1], [1], [0]])
    return show.backward(BCEWithLogitsLoss()(model(corners), answers), model)


def draw(browser, page, scheme):
    options = dict(viewport={"width": 1180, "height": 600}, device_scale_factor=1.5, color_scheme=scheme)
    window = browser.new_page(**options)
    window.goto(page.as_uri())
    for _ in range(STEPS):
        window.keyboard.press("ArrowRight")
    image = Image.open(io.BytesIO(window.screenshot()))
    image.quantize(64).save(HERE / f"debugger-{scheme}.png", optimize=True)
    window.close()


if __name__ == "__main__":
    main()
