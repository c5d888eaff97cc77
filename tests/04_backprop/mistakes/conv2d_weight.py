# ruff: noqa: F821
import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "conv2d_weight",
    "`total` is assigned anew for each part, so only the last images of the batch count. Add to it.",
)
def only_the_last_part(x, shape, grad, stride, padding):
    matrix = unfold(padded[part], shape[2:], stride)
    total = (grad[part] @ matrix.swapaxes(1, 2)).sum(axis=0)


@mistake(
    "conv2d_weight",
    "The images are averaged. The weight was used in each of them, and what is used several times gets the sum.",
)
def averages_the_images(x, shape, grad, stride, padding):
    matrix = unfold(padded[part], shape[2:], stride)
    total += (grad[part] @ matrix.swapaxes(1, 2)).mean(axis=0)


@mistake(
    "conv2d_weight",
    "Only the first image of each part is used. Each image gives a product, and all of them are summed.",
)
def only_the_first_image(x, shape, grad, stride, padding):
    matrix = unfold(padded[part], shape[2:], stride)
    total += grad[part][0] @ matrix[0].T


@mistake(
    "conv2d_weight",
    "The windows are taken at every place, one step apart. The convolution took steps of `stride`.",
)
def takes_small_steps(x, shape, grad, stride, padding):
    matrix = unfold(padded[part], shape[2:], (1, 1))[..., : grad.shape[-1]]
    total += (grad[part] @ matrix.swapaxes(1, 2)).sum(axis=0)


@mistake(
    "conv2d_weight",
    "The matrix is made of the images without their border, so with padding the places do not fit. Use `padded`.",
)
def forgets_the_border(x, shape, grad, stride, padding):
    matrix = unfold(x[part], shape[2:], stride)
    total += (grad[part] @ matrix.swapaxes(1, 2)).sum(axis=0)


@mistake(
    "conv2d_weight",
    "The parts of the batch are mixed up: every part gets the gradients of the first images. Take `grad[part]`.",
)
def gradients_of_the_first_images(x, shape, grad, stride, padding):
    matrix = unfold(padded[part], shape[2:], stride)
    total += (grad[: len(matrix)] @ matrix.swapaxes(1, 2)).sum(axis=0)


@mistake(
    "conv2d_weight",
    "What is added to `total` must have its shape, (f, c·kh·kw). The last two axes of the matrix change places, by "
    "`swapaxes(1, 2)`; `.T` would turn over the images too. Then sum over the images, `axis=0`.",
)
def forgets_to_sum(x, shape, grad, stride, padding):
    matrix = unfold(padded[part], shape[2:], stride)
    total += grad[part] @ matrix.swapaxes(1, 2)


@mistake(
    "conv2d_weight",
    "What is added to `total` must have its shape, (f, c·kh·kw). The last two axes of the matrix change places, by "
    "`swapaxes(1, 2)`; `.T` would turn over the images too. Then sum over the images, `axis=0`.",
)
def turns_over_the_images(x, shape, grad, stride, padding):
    matrix = unfold(padded[part], shape[2:], stride)
    total += (grad[part] @ matrix.T).sum(axis=0)


@mistake(
    "conv2d_weight",
    "`grad` is that of the whole batch, and the matrix that of a few images. Take the same ones of both: `grad[part]`.",
)
def takes_all_gradients_each_time(x, shape, grad, stride, padding):
    matrix = unfold(padded[part], shape[2:], stride)
    total += (grad @ matrix.swapaxes(1, 2)).sum(axis=0)


@right("conv2d_weight")
def with_einsum(x, shape, grad, stride, padding):
    matrix = unfold(padded[part], shape[2:], stride)
    total += np.einsum("nfp,nkp->fk", grad[part], matrix)


@right("conv2d_weight")
def image_by_image(x, shape, grad, stride, padding):
    for image, g in zip(padded[part], grad[part]):
        total += g @ unfold(image[None], shape[2:], stride)[0].T


@right("conv2d_weight")
def place_by_place(x, shape, grad, stride, padding):
    for i, j, view in window_slices(padded[part], shape[2:], stride):
        met = view.reshape(len(view), view.shape[1], -1)
        column = (grad[part] @ met.swapaxes(1, 2)).sum(axis=0)
        total.reshape(shape)[:, :, i, j] += column
