"""Draw what is seen first: the reverse debugger on its way back with digits as the framework reads them, and a check.

`.venv/bin/python book/pictures/draw.py` writes front-light.png, check-light.png and the same for dark pages beside itself.
Needs chromium.
"""

import base64
import html
import io
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

from tito import show
from tito.author.answers import read_answers
from tito.author.build import read_lessons, write_reference
from tito.author.trials import check_cells
from tito.checker.shown import Shown
from tito.datasets import digits
from tito.workspace import Workspace

HERE = Path(__file__).parent
STEP = 9  # of 10: at tanh, where the gradient meets the values that went forward
SHOWN = 16  # digits
WRONG = (
    "02",
    "unbroadcast",
    "not their mean",
)  # the module, an exercise, and of a known mistake what its sentence says
STYLE = """<!doctype html><style>
:root { color-scheme: light dark; }
body { margin: 0; font: 15px system-ui, sans-serif; background: Canvas; color: CanvasText; }
"""
CHECK = """main {{ width: 790px; }}
pre, section {{ margin: 0; padding: 12px 14px; font: 13px/1.45 monospace; }}
section {{ border-top: 1px solid #8a96a0; }}
</style><main><pre>{source}</pre><section>{said}</section></main>"""
FRONT = """iframe {{ display: block; width: 1120px; height: 520px; border: 0; }}
div {{ display: flex; justify-content: space-between; padding: 14px 12px; border-top: 1px solid #8a96a0; }}
figure {{ margin: 0; text-align: center; }}
img {{ display: block; width: 60px; image-rendering: pixelated; margin-bottom: 4px; }}
</style><iframe src="debugger.html"></iframe><div>{digits}</div>"""


def main():
    with tempfile.TemporaryDirectory() as folder:
        lessons = read_lessons(Workspace(HERE.parents[1]))
        package = write_reference(lessons, Path(folder))
        sys.path.insert(0, folder)
        debugger().save(Path(folder) / "debugger.html")
        front, checked = Path(folder) / "front.html", Path(folder) / "check.html"
        figures = [f'<figure><img src="{picture(image)}">reads {answer}</figure>' for image, answer in read()]
        front.write_text(STYLE + FRONT.format(digits="".join(figures)), encoding="utf-8")
        source, said = check(lessons, package)
        checked.write_text(STYLE + CHECK.format(source=html.escape(source), said=said), encoding="utf-8")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for scheme in ("light", "dark"):
                draw(browser, front, 1120, scheme)
                draw(browser, checked, 790, scheme)
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


def check(lessons, package):
    """A wrong answer as a cell, and what its check shows in a notebook."""
    number, exercise, words = WRONG
    lesson = next(lesson for lesson in lessons if lesson.module.number == number)
    known = (answer for answer in read_answers(lesson) if answer.exercise == exercise and answer.sentence)
    wrong = next(answer for answer in known if words in answer.sentence)
    cells = lesson.with_answer(exercise, wrong.body)
    source = next(cell.source for cell in cells if cell.exercise == exercise)
    (verdict,) = check_cells(lesson, cells, package, [exercise]).exercises
    return f'{source}\n\ncheck("{exercise}")', Shown.of(verdict)._repr_html_()


def picture(image):
    """An image with values from 0 to 1 as an address; ink is dark."""
    file = io.BytesIO()
    Image.fromarray(np.uint8(255 - 255 * image)).save(file, format="png")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def draw(browser, page, width, scheme):
    """Write what the page shows as a picture; a debugger in it is taken to its step."""
    window = browser.new_page(viewport={"width": width, "height": 100}, device_scale_factor=1.5, color_scheme=scheme)
    window.goto(page.as_uri())
    for frame in window.frames[1:]:
        frame.eval_on_selector(
            "#slider", f"slider => {{ slider.value = {STEP}; slider.dispatchEvent(new Event('input')); }}"
        )
    image = Image.open(io.BytesIO(window.screenshot(full_page=True)))
    image.quantize(128).save(HERE / f"{page.stem}-{scheme}.png", optimize=True)
    window.close()


if __name__ == "__main__":
    main()
