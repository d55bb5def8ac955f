"""Read labelled images from IDX and .npz files, with errors that name the fault and the remedy."""

import gzip
import hashlib
import math
import struct
import zipfile
import zlib

import numpy as np

from brianmem.errors import DatasetError

# MNIST's four files: training images and labels, test images and labels.
IDX_NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte",
             "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
NPZ_NAMES = (("x_train", "y_train", "x_test", "y_test"),
             ("train_images", "train_labels", "test_images", "test_labels"))
_UNREADABLE = (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile)


def read_idx_folder(folder, remedy, sha256=None):
    """Return the four arrays of a folder of IDX files, plain or gzipped.

    `remedy` ends every error message; `sha256` maps names to the digests that the
    decompressed files must have.
    """
    arrays = []
    for name, ndim in zip(IDX_NAMES, (3, 1, 3, 1), strict=True):
        path = _find(folder, name, remedy)
        arrays.append(read_idx_file(path, ndim, remedy, sha256 and sha256[name]))
    return check_arrays(folder, arrays)


def _find(folder, name, remedy):
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise DatasetError(f"{folder / name} is missing (also as .gz). {remedy}")


def read_idx_file(path, ndim, remedy, sha256=None):
    """Return the uint8 array of an IDX file, sharing the memory of its content."""
    content = _read_bytes(path, remedy)
    array, end = parse_idx(content, ndim, path, remedy)
    if end != len(content):
        raise DatasetError(f"{path} has {len(content) - end} bytes too many. {remedy}")
    if sha256 and hashlib.sha256(content).hexdigest() != sha256:
        raise DatasetError(f"{path} is not the original MNIST file: the SHA-256 of its content "
                           f"differs. {remedy}")
    return array


def _read_bytes(path, remedy):
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except _UNREADABLE as error:
        raise DatasetError(f"{path} is unreadable or damaged ({error}). {remedy}") from None


def parse_idx(content, ndim, name, remedy, offset=0):
    """Return the uint8 array of an IDX record, sharing its memory, and where the record ends."""
    start = offset + 4 + 4 * ndim
    magic = bytes((0, 0, 8, ndim))
    if content[offset:offset + 4] != magic:
        raise DatasetError(f"{name} is not an IDX file of {ndim}-D unsigned bytes: it starts with "
                           f"0x{content[offset:offset + 4].hex()}, not 0x{magic.hex()}. "
                           f"{remedy}")
    if len(content) < start:
        raise DatasetError(f"{name} is truncated inside its header. {remedy}")
    shape = struct.unpack(f">{ndim}I", content[offset + 4:start])
    size = math.prod(shape)
    if len(content) - start < size:
        raise DatasetError(f"{name} is truncated: {len(content)} bytes, its header promises "
                           f"{start + size}. {remedy}")
    array = np.frombuffer(content, np.uint8, size, start)
    return array.reshape(shape), start + size


def read_npz(path):
    """Return the four arrays of an .npz file, see `NPZ_NAMES`."""
    if not path.is_file():
        raise DatasetError(f"{path} is missing. Check the path.")
    if not zipfile.is_zipfile(path):
        raise DatasetError(f"{path} is not an .npz file, or is truncated. Write it with "
                           "numpy.savez_compressed.")
    try:
        with np.load(path, allow_pickle=False) as archive:
            names = next((names for names in NPZ_NAMES if set(names) <= set(archive)), ())
            arrays = [archive[name] for name in names]
    except _UNREADABLE as error:
        raise DatasetError(f"{path} is damaged ({error}). Write it with "
                           "numpy.savez_compressed.") from None
    if not arrays:
        raise DatasetError(f"{path} must hold the arrays {', '.join(NPZ_NAMES[0])} "
                           f"(or {', '.join(NPZ_NAMES[1])}).")
    return check_arrays(path, [_as_bytes(a, n, path) for a, n in zip(arrays, names, strict=True)])


def _as_bytes(array, name, path):
    if array.dtype.kind not in "ui" or (array.size and not 0 <= array.min() <= array.max() <= 255):
        raise DatasetError(f"{path}: {name} must hold whole numbers from 0 to 255 (uint8), got "
                           f"{array.dtype}. Scale and convert it.")
    return array.astype(np.uint8, copy=False)


def check_arrays(source, arrays):
    """Return the four arrays if they fit together, else raise `DatasetError` naming `source`."""
    for images, labels, kind in ((*arrays[:2], "training"), (*arrays[2:], "test")):
        if images.ndim != 3 or labels.ndim != 1 or images.size == 0:
            raise DatasetError(f"{source}: {kind} images must be (n, height, width) and labels "
                               f"(n,), not empty, got {images.shape} and {labels.shape}.")
        if len(images) != len(labels):
            raise DatasetError(f"{source}: {len(images)} {kind} images but {len(labels)} labels. "
                               "Replace the files by ones that belong together.")
    if arrays[0].shape[1:] != arrays[2].shape[1:]:
        raise DatasetError(f"{source}: training images are {arrays[0].shape[1:]}, test images "
                           f"{arrays[2].shape[1:]}. Bring them to one size.")
    return arrays


def _idx_header(array):
    return bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">u4").tobytes()


def idx_bytes(array):
    """Write a uint8 array as an IDX record."""
    return _idx_header(array) + array.tobytes()


def idx_digest(arrays):
    """Return the SHA-256 of arrays as IDX records one after another."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(_idx_header(array))
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()
