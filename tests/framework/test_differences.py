"""What the page "From TinyTorch to PyTorch" says still differs: one test for each row of its table."""

import re
import warnings
from pathlib import Path

import numpy as np
import pytest

PAGE = Path(__file__).parents[2] / "book" / "from-tinytorch-to-pytorch.md"


def test_each_row_of_the_page_has_a_test():
    part = PAGE.read_text(encoding="utf-8").partition("## What differs")[2].partition("\n## ")[0]
    rows = [line for line in part.splitlines() if line.startswith("| ")][1:]
    tests = re.findall(r"(?m)^def test_row_", Path(__file__).read_text(encoding="utf-8"))
    assert len(tests) == len(rows) > 10


def test_row_random_numbers_are_numpys(torch):
    torch.manual_seed(0)
    assert torch.rand(3).tolist() == np.random.default_rng(0).random(3, np.float32).tolist()


def test_row_a_dtype_is_numpys(torch):
    assert torch.zeros(1).dtype == np.float32 == torch.float32 and str(torch.float32) == "float32"


def test_row_tensor_keeps_the_dtype_of_an_array(torch):
    assert torch.Tensor(np.ones(2)).dtype == np.float64 and torch.Tensor(np.array([1, 2])).dtype == np.int64
    assert torch.FloatTensor(np.ones(2)).dtype == np.float32 == torch.Tensor([1, 2]).dtype


def test_row_tensor_takes_data_not_sizes(torch):
    with pytest.raises(TypeError, match=r"write empty\(2, 3\)"):
        torch.Tensor(2, 3)
    assert torch.empty(2, 3).shape == (2, 3)


def test_row_what_is_expanded_is_read_only(torch):
    with pytest.raises((ValueError, RuntimeError)):
        torch.zeros(1, 3).expand(2, 3)[0, 0] = 1


def test_row_a_recorded_change_in_place_is_a_new_tensor_or_an_error(torch):
    x = torch.ones(2, requires_grad=True) * 2
    other = x
    x += 1
    assert x.tolist() == [3, 3] and other.tolist() == [2, 2]
    with pytest.raises(RuntimeError, match="cannot record a change in place"):
        x.add_(1)
    with pytest.raises(RuntimeError, match="cannot record a change in place"):
        x[0] = 1


def test_row_a_list_of_modules_is_an_error(torch):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = [torch.nn.Linear(2, 2)]

    with pytest.raises(TypeError, match="layers is a list: what is in it would not be found"):
        list(Net().parameters())


def test_row_shapes_that_would_broadcast_in_a_loss_are_refused(torch):
    with pytest.raises(ValueError, match="must have one shape"):
        torch.nn.functional.mse_loss(torch.zeros(4, 1), torch.zeros(4))


def test_row_integers_become_floats_in_a_mean_a_loss_or_a_layer(torch):
    whole = torch.tensor([[1, 2]])
    assert whole.mean().item() == 1.5 and whole.mean().dtype == torch.float32
    assert torch.nn.functional.mse_loss(whole, whole * 3).item() == 10
    assert torch.nn.Linear(2, 1)(whole).dtype == torch.float32


def test_row_float64_data_are_a_type_error(torch):
    with pytest.raises(TypeError, match="float64"):
        torch.nn.Linear(2, 1)(torch.zeros(1, 2).double())


def test_row_a_shape_is_a_tuple(torch):
    x = torch.zeros(2, 3)
    assert str(x.shape) == str(x.size()) == "(2, 3)" and x.shape == torch.Size([2, 3]) and x.numel() == 6
    assert not hasattr(x.shape, "numel")


def test_row_of_two_schedules_the_one_that_steps_last_decides(torch):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    L = torch.optim.lr_scheduler
    first, second = L.ConstantLR(optimizer, 0.1, total_iters=9), L.ExponentialLR(optimizer, 0.5)
    first.step()
    second.step()
    assert optimizer.param_groups[0]["lr"] == 0.5
    L.ChainedScheduler([first, second])
    assert optimizer.param_groups[0]["lr"] == 0.05


def test_row_data_keeps_its_shape(torch):
    p = torch.zeros(2)
    with pytest.raises(ValueError, match="keeps it"):
        p.data = torch.zeros(3)


def test_row_what_is_printed(torch):
    assert str(torch.tensor([1, 2])) == "Tensor([1, 2], shape=(2,), dtype=int64)"
    assert "weight (1, 2), bias (1,)" in str(torch.nn.Sequential(torch.nn.Linear(2, 1)))


def test_row_a_state_that_does_not_fit_is_a_key_or_value_error(torch):
    model = torch.nn.Linear(2, 2)
    with pytest.raises(KeyError):
        model.load_state_dict({})
    with pytest.raises(ValueError, match="weight has shape"):
        model.load_state_dict({"weight": torch.zeros(3, 3), "bias": torch.zeros(2)})


def test_row_there_are_no_gradients_of_gradients(torch):
    x = torch.ones(1, requires_grad=True)
    with pytest.raises(RuntimeError, match="no gradients of gradients"):
        torch.autograd.grad((x * x).sum(), x, create_graph=True)


def test_row_another_device_is_an_error(torch):
    assert not torch.cuda.is_available()
    with pytest.raises(RuntimeError, match="there is one device"):
        torch.zeros(2).to("cuda")


def test_row_workers_change_nothing(torch):
    data = torch.utils.data.TensorDataset(torch.arange(4))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loader = torch.utils.data.DataLoader(data, batch_size=2, num_workers=4)
    assert [batch.tolist() for (batch,) in loader] == [[0, 1], [2, 3]]


def test_row_autocast_scaler_and_compile_change_nothing(torch):
    model = torch.nn.Linear(2, 2)
    x = torch.ones(1, 2)
    wanted = model(x).tolist()
    with torch.amp.autocast("cpu", dtype=torch.bfloat16):
        assert torch.compile(model)(x).tolist() == wanted
    assert torch.amp.GradScaler().scale(torch.tensor(2.0)).item() == 2


def test_row_a_saved_file_is_arrays_and_json(torch, tmp_path):
    torch.save({"w": torch.ones(2)}, tmp_path / "state.pt")
    with np.load(tmp_path / "state.pt", allow_pickle=False) as archive:
        assert "json" in archive.files


def test_row_a_decomposition_has_no_gradient(torch):
    matrix = torch.tensor([[2.0, 1], [1, 3]], requires_grad=True)
    with pytest.raises(NotImplementedError, match=r"svd has no derivative rule here: give it A.detach\(\)"):
        torch.linalg.svd(matrix)
    U, S, Vh = torch.linalg.svd(matrix.detach())
    torch.testing.assert_close(U @ torch.diag(S) @ Vh, matrix.detach())


def test_row_there_is_one_process(torch):
    from tinytorch.nn.parallel import DistributedDataParallel

    assert not torch.distributed.is_available() and torch.distributed.get_world_size() == 1
    for start in (torch.distributed.init_process_group, lambda: DistributedDataParallel(torch.nn.Linear(1, 1))):
        with pytest.raises(RuntimeError, match="one process trains here"):
            start()


def test_row_checkpoint_and_jit_change_nothing(torch):
    from tinytorch.utils.checkpoint import checkpoint

    x = torch.ones(2, requires_grad=True)
    checkpoint(torch.jit.script(torch.square), x, use_reentrant=False).sum().backward()
    assert x.grad.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("name", "sizes", "option"),
    [
        ("MaxPool2d", [2], {"return_indices": True}), ("Embedding", [3, 2], {"max_norm": 1.0}),
        ("Embedding", [3, 2], {"scale_grad_by_freq": True}), ("LSTM", [3, 2], {"proj_size": 1}),
    ],
)  # fmt: skip
def test_row_a_rare_option_is_an_error_that_names_it(torch, name, sizes, option):
    (word,) = option
    with pytest.raises(ValueError, match=word):
        getattr(torch.nn, name)(*sizes, **option)(torch.zeros(1, 1, 4, 4))


def test_row_lbfgs_takes_steps_of_the_learning_rate(torch):
    with pytest.raises(ValueError, match="line_search_fn=None"):
        torch.optim.LBFGS([torch.ones(1, requires_grad=True)], line_search_fn="strong_wolfe")


def test_what_is_not_there_is_an_attribute_error(torch):
    for place, name in (
        (torch.nn.functional, "conv3d"), (torch.nn.functional, "grid_sample"), (torch.nn, "CTCLoss"), (torch.linalg, "eig"),
    ):  # fmt: skip
        with pytest.raises(AttributeError, match=f"has no {name}"):
            getattr(place, name)
