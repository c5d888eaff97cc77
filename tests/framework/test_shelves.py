"""The shelves: PyTorch's names are there in every order of imports, with as many modules as have been written."""

import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pytest


def run(code, parent):
    """What the code prints, in a process that finds the package in `parent`."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=parent, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


@pytest.fixture
def some_modules(reference_parent, tmp_path):
    """A function: a folder with a package in which only these modules are there, and the shelves."""

    def make(*names):
        package = tmp_path / "tinytorch"
        shutil.copytree(reference_parent / "tinytorch", package, ignore=shutil.ignore_patterns("__pycache__"))
        init = (package / "__init__.py").read_text()
        modules = ("tensor", "autograd", "layers", "backprop", "optimizers", "training")
        for path in package.glob("*.py"):
            written = "Written in modules/" in path.read_text()[:400]
            if written and path.stem not in names:
                path.unlink()
                init = init.replace(f"from tinytorch.{path.stem} import *\n", "")
        assert set(names) <= set(modules)
        (package / "__init__.py").write_text(init)
        return tmp_path

    return make


ORDERS = [
    "import tinytorch as torch; import tinytorch.tensor; from tinytorch.tensor import Tensor",
    "import tinytorch.tensor; import tinytorch as torch; from tinytorch.tensor import Tensor",
    "from tinytorch.tensor import Tensor; import tinytorch.tensor; import tinytorch as torch",
    "from tinytorch.tensor import Tensor; import tinytorch as torch",
    "import tinytorch.nn.functional as F; from tinytorch import nn; import tinytorch as torch; import tinytorch.tensor",
    "from tinytorch.utils.data import DataLoader; import tinytorch.tensor; import tinytorch as torch",
]


@pytest.mark.parametrize("imports", ORDERS)
def test_tensor_is_the_function_in_every_order_of_imports(imports, reference_parent):
    assert run(f"{imports}; print(torch.tensor([1, 2]).dtype, torch.Tensor([1, 2]).dtype)", reference_parent) == (
        "int64 float32"
    )


@pytest.mark.parametrize("count", range(1, 7))
def test_a_package_of_the_first_modules_imports(count, some_modules):
    names = ("tensor", "autograd", "layers", "backprop", "optimizers", "training")[:count]
    code = "import tinytorch as torch; from tinytorch import nn; import tinytorch.nn.functional as F, tinytorch.optim"
    assert run(f"{code}; print(torch.tensor([1, 2]).sum().item())", some_modules(*names)) == "3"


def test_layers_are_found_under_the_names_of_pytorchs_files(torch):
    from importlib import import_module

    for path, name in [
        ("linear", "Linear"),
        ("conv", "Conv2d"),
        ("batchnorm", "BatchNorm1d"),
        ("container", "Sequential"),
    ]:
        assert getattr(import_module(f"tinytorch.nn.modules.{path}"), name) is getattr(torch.nn, name)
    assert import_module("tinytorch.nn.modules").Module is torch.nn.Module


def test_a_name_that_is_not_there_yet_says_what_it_needs(some_modules):
    code = """if True:
        from tinytorch import nn
        print(nn.Linear(2, 3).weight.shape)
        try:
            nn.CrossEntropyLoss
        except AttributeError as error:
            print(error)
    """
    shape, sentence = run(code, some_modules("tensor", "autograd", "layers")).splitlines()
    assert shape == "(3, 2)"
    assert sentence == "tinytorch.nn has no CrossEntropyLoss: it needs backprop.py, which is not there yet"


def test_a_module_without_a_name_leaves_the_rest_usable(some_modules):
    parent = some_modules("tensor", "autograd", "layers")
    path = parent / "tinytorch/layers.py"
    path.write_text(path.read_text().replace("class Embedding(", "class Table(").replace('    "Embedding",\n', ""))
    code = "from tinytorch import nn; print(hasattr(nn, 'ModuleList'), hasattr(nn, 'Embedding'))"
    assert run(code, parent) == "True False"


def test_a_first_module_without_its_class_imports(some_modules):
    parent = some_modules("tensor")
    path = parent / "tinytorch/tensor.py"
    head = path.read_text().partition("\nclass Tensor")[0]
    path.write_text(
        f'{head[: head.index("__all__")]}__all__ = ["as_array"]\n{head[head.index("]", head.index("__all__")) + 1 :]}'
    )
    assert run("import tinytorch; print(tinytorch.as_array([1, 2]).sum())", parent) == "3.0"


def test_every_name_on_every_shelf_is_there(reference_parent):
    code = """if True:
        import sys, tinytorch
        for name, module in sorted(sys.modules.items()):
            absent = vars(module).get("__getattr__")
            for cell in getattr(absent, "__closure__", None) or () if name.startswith("tinytorch") else ():
                if isinstance(cell.cell_contents, dict) and cell.cell_contents:
                    print(name, cell.cell_contents)
    """
    assert run(code, reference_parent) == ""


def test_what_is_saved_is_loaded(torch, tmp_path):
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    optimizer = torch.optim.Adam(model.parameters())
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3, "losses": [0.5, (1, None)]}
    torch.save(state, tmp_path / "state.pt")
    loaded = torch.load(tmp_path / "state.pt", map_location="cpu", weights_only=True)
    assert loaded["epoch"] == 3 and loaded["losses"] == [0.5, (1, None)]
    assert isinstance(loaded["model"]["0.weight"], torch.Tensor)
    np.testing.assert_array_equal(loaded["model"]["0.weight"].numpy(), model[0].weight.numpy())
    model.load_state_dict(loaded["model"])


def test_a_model_itself_is_not_saved(torch, tmp_path):
    with pytest.raises(TypeError, match=r"save the state_dict\(\) of a Linear"):
        torch.save(torch.nn.Linear(2, 3), tmp_path / "model.pt")
    assert not (tmp_path / "model.pt").exists()


@pytest.mark.parametrize("old", [False, True])
def test_a_pickle_of_pytorch_is_refused(torch, tmp_path, old):
    path = tmp_path / "theirs.pt"
    if old:
        path.write_bytes(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.")
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("theirs/data.pkl", b"\x80\x02}q\x00.")
    with pytest.raises(ValueError, match=r"holds a pickle, as PyTorch writes it.*numpy\.savez"):
        torch.load(path)


def test_weights_of_pytorch_come_over_as_the_sentence_says(torch, tmp_path):
    model = torch.nn.Linear(2, 3)
    np.savez(tmp_path / "state.npz", **{k: v.numpy() + 1 for k, v in model.state_dict().items()})
    before = model.weight.numpy().copy()
    model.load_state_dict(dict(np.load(tmp_path / "state.npz")))
    np.testing.assert_allclose(model.weight.numpy(), before + 1)


@pytest.mark.parametrize("ask", ["torch.device('cuda')", "x.to('cuda:0')", "x.cuda()", "torch.zeros(2, device='mps')"])
def test_another_device_is_one_sentence(torch, ask):
    with pytest.raises(RuntimeError, match=r'there is one device here, "cpu", and no "(cuda|mps)"'):
        eval(ask, {"torch": torch, "x": torch.zeros(2)})


def test_a_model_goes_to_the_device_and_the_dtype(torch):
    model = torch.nn.Linear(2, 3).to(torch.device("cpu")).to("cpu")
    assert model.double().weight.dtype == torch.float64 and model.float().bias.dtype == torch.float32


def test_loading_with_strict_false_says_what_was_missing(torch):
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1))
    state = {k: v for k, v in model.state_dict().items() if k.startswith("0.")} | {"other": torch.zeros(1)}
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert (missing, unexpected) == (["1.weight", "1.bias"], ["other"])
    with pytest.raises(KeyError, match=r"it lacks 1\.bias, 1\.weight; the module has no other"):
        model.load_state_dict(state)


def test_workers_are_accepted_and_said_to_change_nothing_once(torch):
    data = torch.utils.data.TensorDataset(torch.arange(4))
    with pytest.warns(UserWarning, match="num_workers changes nothing") as said:
        for _ in range(2):
            loader = torch.utils.data.DataLoader(data, batch_size=2, num_workers=2, pin_memory=True)
    assert len(said) == 1 and len(loader) == 2


def test_a_function_whose_gradients_do_not_match_its_inputs_says_so(torch):
    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, factor):
            return x * factor

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    x = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"Twice\.backward gives 1 gradients for 2 inputs"):
        Twice.apply(x, 2).sum().backward()


def test_a_function_may_have_several_outputs_and_a_context_of_its_own(torch):
    class SumAndDifference(torch.autograd.Function):
        @staticmethod
        def forward(a, b):
            return a + b, a - b

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.count = len(inputs)

        @staticmethod
        def backward(ctx, by_sum, by_difference):
            assert ctx.count == 2
            return by_sum + by_difference, by_sum - by_difference

    a, b = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    total, apart = SumAndDifference.apply(a, b)
    (3 * total + apart).sum().backward()
    assert a.grad.tolist() == [4, 4] and b.grad.tolist() == [2, 2]


def test_autograd_grad_leaves_grad_alone(torch):
    x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    x.grad = torch.zeros(2)
    (found,) = torch.autograd.grad((x * x * y).sum(), x)
    assert found.tolist() == [2, 2] and x.grad.tolist() == [0, 0] and y.grad is None
    with pytest.raises(RuntimeError, match="create_graph=False"):
        torch.autograd.grad((x * x).sum(), x, create_graph=True)


def test_set_grad_enabled_holds_from_there_on_or_for_a_block(torch):
    assert torch.is_grad_enabled()
    with torch.set_grad_enabled(False):
        assert not torch.is_grad_enabled()
        with torch.enable_grad():
            assert torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    assert not torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    assert torch.is_grad_enabled()
