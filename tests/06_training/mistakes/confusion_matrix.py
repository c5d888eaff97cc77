# ruff: noqa: F821

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "confusion_matrix",
    "Rows and columns are exchanged. A row belongs to a true class and says what its samples were called.",
)
def transposes(scores, targets):
    matrix = np.zeros((scores.shape[1], scores.shape[1]), np.int64)
    np.add.at(matrix, (scores.argmax(axis=1).data, unwrap(targets)), 1)
    return Tensor(matrix)


@mistake(
    "confusion_matrix",
    "No cell is ever more than 1. `matrix[rows, columns] += 1` reads all cells before it writes any, so a cell that "
    "is listed several times grows once.",
)
def counts_once(scores, targets):
    matrix = np.zeros((scores.shape[1], scores.shape[1]), np.int64)
    matrix[unwrap(targets), scores.argmax(axis=1).data] += 1
    return Tensor(matrix)


@mistake(
    "confusion_matrix",
    "The size comes from the targets, so classes that do not occur in them have no row. How many classes there are, "
    "the scores say: one column each.",
)
def counts_the_classes_that_occur(scores, targets):
    answers = scores.argmax(axis=1).data
    classes = int(max(unwrap(targets).max(), answers.max())) + 1
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (unwrap(targets), answers), 1)
    return Tensor(matrix)


@mistake("confusion_matrix", "These are counts, and should be whole numbers: int64, not floats.")
def counts_in_floats(scores, targets):
    matrix = np.zeros((scores.shape[1], scores.shape[1]))
    np.add.at(matrix, (unwrap(targets), scores.argmax(axis=1).data), 1)
    return Tensor(matrix)


@right("confusion_matrix")
def with_a_loop(scores, targets):
    classes = scores.shape[1]
    matrix = [[0] * classes for _ in range(classes)]
    for target, answer in zip(unwrap(targets), scores.argmax(axis=1).tolist()):
        matrix[int(target)][answer] += 1
    return Tensor(matrix, dtype=np.int64)


@right("confusion_matrix")
def with_bincount(scores, targets):
    classes = scores.shape[1]
    cells = unwrap(targets) * classes + scores.argmax(axis=1).data
    return Tensor(np.bincount(cells, minlength=classes**2).reshape(classes, classes))
