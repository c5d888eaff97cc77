"""Draw the front page's picture: the reverse debugger on its way back, and digits as the framework reads them.

`.venv/bin/python book/pictures/draw.py` writes front-light.png and front-dark.png beside itself. Needs chromium.
"""

import base64
import io
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

from tito import show
from tito.author.build import read_lessons, write_reference
from tito.datasets import digits
from tito.workspace import Workspace

HERE = Path(__file__).parent
STEP = 9  # of 10: at tanh, where the gradient meets the values that went forward
SHOWN = 16  # digits
PAGE = """<!doctype html><style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0; font: 15px system-ui, sans-serif; background: Canvas; color: CanvasText; }}
iframe {{ display: block; width: 1120px; height: 520px; border: 0; }}
div {{ display: flex; justify-content: space-between; padding: 14px 12px; border-top: 1px solid #8a96a0; }}
figure {{ margin: 0; text-align: center; }}
img {{ display: block; width: 60px; image-rendering: pixelated; margin-bottom: 4px; }}
</style><iframe src="debugger.html"></iframe><div>{digits}</div>"""


def main():
    with tempfile.TemporaryDirectory() as folder:
        write_reference(read_lessons(Workspace(HERE.parents[1])), Path(folder))
        sys.path.insert(0, folder)
        debugger().save(Path(folder) / "debugger.html")
        page = Path(folder) / "front.html"
        figures = [f'<figure><img src="{picture(image)}">reads {answer}</figure>' for image, answer in read()]
        page.write_text(PAGE.format(digits="".join(figures)), encoding="utf-8")
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


def read():
    """Images that a perceptron has not seen, the first ones held out, each with what it reads."""
    from tinytorch.autograd import Tensor
    from tinytorch.backprop import CrossEntropyLoss
    from tinytorch.layers import Flatten, Linear, ReLU, Sequential
    from tinytorch.optimizers import Adam
    from tinytorch.training import DataLoader, TensorDataset, Trainer, predict, random_split

    images, labels = digits()
    generator = np.random.default_rng(0)
    data = TensorDataset(Tensor(images), Tensor(labels))
    learn, held_out = random_split(data, [len(data) - 360, 360], generator=generator)
    model = Sequential(Flatten(), Linear(64, 64), ReLU(), Linear(64, 10))
    trainer = Trainer(model, CrossEntropyLoss(), Adam(model.parameters(), lr=0.005))
    trainer.fit(DataLoader(learn, 64, shuffle=True, generator=generator), epochs=30)
    scores, _ = predict(model, DataLoader(held_out, SHOWN))
    return [(held_out[i][0].numpy(), int(scores.numpy()[i].argmax())) for i in range(SHOWN)]


def picture(image):
    """An image with values from 0 to 1 as an address; ink is dark."""
    file = io.BytesIO()
    Image.fromarray(np.uint8(255 - 255 * image)).save(file, format="png")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def draw(browser, page, scheme):
    size = {"width": 1120, "height": 630}
    window = browser.new_page(viewport=size, device_scale_factor=1.5, color_scheme=scheme)
    window.goto(page.as_uri())
    window.frames[1].eval_on_selector(
        "#slider", f"slider => {{ slider.value = {STEP}; slider.dispatchEvent(new Event('input')); }}"
    )
    image = Image.open(io.BytesIO(window.screenshot()))
    image.quantize(128).save(HERE / f"front-{scheme}.png", optimize=True)
    window.close()


if __name__ == "__main__":
    main()
