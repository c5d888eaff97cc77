# ruff: noqa: F821

from tito.author.answers import mistake, right


@mistake(
    "accuracy",
    "argmax along axis 0 asks, for each class, which sample has the highest score. The question is which class each "
    "sample has; the classes lie along axis 1.",
)
def looks_along_the_samples(scores, targets):
    best = scores.argmax(axis=0).tolist()
    return sum(float(answer == target) for answer, target in zip(best, unwrap(targets))) / len(scores)


@mistake("accuracy", "That is how many answers are right. The accuracy is their share: divide by how many there are.")
def counts(scores, targets):
    return float((scores.argmax(axis=1) == targets).sum().item())


@mistake("accuracy", "That is the share of wrong answers.")
def counts_errors(scores, targets):
    return (scores.argmax(axis=1) != targets).mean().item()


@mistake(
    "accuracy",
    "The value is right, but it is still a tensor. What goes into a history, and into a file, should be a Python number.",
)
def returns_a_tensor(scores, targets):
    return (scores.argmax(axis=1) == targets).mean()


@mistake(
    "accuracy",
    "argmax along axis 0 asks, for each class, which sample has the highest score. The question is which class each "
    "sample has; the classes lie along axis 1.",
)
def compares_along_the_samples(scores, targets):
    return (scores.argmax(axis=0) == targets).mean().item()


@mistake(
    "accuracy",
    "Without an axis, argmax finds one place among all scores together. There is an answer for each row: the classes lie "
    "along axis 1.",
)
def takes_one_answer_for_all(scores, targets):
    return (scores.argmax() == targets).mean().item()


@mistake("accuracy", "That is how many answers are right. The accuracy is their share: `mean`, and not `sum`.")
def sums(scores, targets):
    return (scores.argmax(axis=1) == targets).sum().item()


@mistake(
    "accuracy",
    "NumPy's functions are for arrays. A tensor has a mean of its own: `(…).mean()`.",
)
def gives_numpy_a_tensor(scores, targets):
    return np.mean(scores.argmax(axis=1) == targets)


@right("accuracy")
def with_a_loop(scores, targets):
    right = 0
    for row, target in zip(scores.tolist(), unwrap(targets)):
        right += row.index(max(row)) == target
    return right / len(scores)
