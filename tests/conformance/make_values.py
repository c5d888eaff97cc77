"""Make `tests/framework/torch_values.npz`: what PyTorch gives for the cases of the table.

It was run once, in the environment of `make conformance`; run it again, in the same way, after a change of the table:

    PYTHONPATH=.venv-torch/reference .venv-torch/bin/python tests/conformance/make_values.py
"""

import warnings

import torch
from sides import PyTorch
from values import FILE, MOST, cases, save

import tinytorch


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    side = PyTorch(torch)
    contents = {}
    for case in cases(tinytorch, torch):
        inputs = {f"input {n}": array for n, array in enumerate(case.inputs)}
        results = inputs | case.run(side, case.inputs)
        if sum(array.size for array in results.values()) <= MOST:
            assert case.name not in contents, case.name
            contents[case.name] = results
    save(FILE, contents)
    print(f"{len(contents)} cases in {FILE.name}, {FILE.stat().st_size:,} bytes, by PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
