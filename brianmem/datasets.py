"""Load labelled images: the embedded MNIST sample, all of MNIST, or your own files.

The choice never depends on the environment alone: it is ``sample`` unless
another data set, or more images than the sample holds, is asked for.
"""

import dataclasses
import difflib
import hashlib
import importlib.resources
import logging
import lzma
import operator
import os
from pathlib import Path

import numpy as np

from brianmem import datafiles
from brianmem.errors import DatasetError

logger = logging.getLogger(__name__)

SAMPLE_FILE = "mnist_sample.idx.xz"
SAMPLE_SHA256 = "27c9ed47840bc78cf530234c8591fb61d9ff1c2ba6a0e0c1e2d542a50dd010bc"
IRIS_SHA256 = "4a8d6229df0b530020fa9206078343294a33cb7fea561346379b7174c047d2e0"
SAMPLE_TRAIN, SAMPLE_TEST = 12000, 1000

# Of the decompressed files.
MNIST_SHA256 = dict(zip(datafiles.IDX_NAMES, (
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
), strict=True))
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
)
MNIST_LICENCE = "CC BY-SA 3.0, Yann LeCun, Corinna Cortes and Christopher J.C. Burges"


@dataclasses.dataclass(frozen=True, eq=False)
class Dataset:
    """Hold labelled training and test images as read-only uint8 arrays.

    Images are (n, height, width), labels (n,). `sha256` is the digest of the
    whole source (also when a part of it was selected): its four arrays, written
    as IDX files one after another. `note` tells what the user should know about
    the choice of data, or is empty.
    """

    name: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    sha256: str
    licence: str = ""
    source: str = ""
    note: str = ""

    def __post_init__(self):
        for array in self.arrays:
            array.flags.writeable = False

    @property
    def arrays(self):
        return self.train_images, self.train_labels, self.test_images, self.test_labels

    @property
    def image_shape(self):
        return self.train_images.shape[1:]

    @property
    def classes(self):
        """Count the classes, which are numbered from 0."""
        return int(max(self.train_labels.max(), self.test_labels.max())) + 1

    def select(self, train_images=None, test_images=None):
        """Return a data set of so many images, chosen by `stratified`; None takes all."""
        parts = []
        for kind, images, labels, n in (("training", *self.arrays[:2], train_images),
                                        ("test", *self.arrays[2:], test_images)):
            n = len(labels) if n is None else n
            if n > len(labels):
                raise DatasetError(f"Dataset '{self.name}' holds {len(labels)} {kind} images, "
                                   f"{n} were asked for. Ask for fewer.")
            chosen = slice(None) if n == len(labels) else stratified(labels, n)
            parts += [images[chosen], labels[chosen]]
        return dataclasses.replace(self, train_images=parts[0], train_labels=parts[1],
                                   test_images=parts[2], test_labels=parts[3])


def load_iris():
    """Return Fisher's Iris data: lengths and widths in cm, (150, 4), and species 0..2, (150,).

    R. A. Fisher, Annals of Eugenics 7, 179 (1936); see brianmem/data/README.md.
    """
    text = importlib.resources.files("brianmem").joinpath("data", "iris.csv").read_text("utf-8")
    if hashlib.sha256(text.encode()).hexdigest() != IRIS_SHA256:
        raise DatasetError("brianmem/data/iris.csv is not what was installed. Install brianmem "
                           "again.")
    rows = [line.split(",") for line in text.splitlines()[2:]]
    species = np.unique([row[4] for row in rows], return_inverse=True)[1]
    return np.array([row[:4] for row in rows], dtype=float), species


def load(dataset="sample", train_images=None, test_images=None):
    """Load ``sample``, ``mnist`` or the files at a path, and select so many images.

    A path is a folder that holds the four IDX files under MNIST's names, plain or
    gzipped, one of these files, or an .npz file with the arrays x_train, y_train,
    x_test, y_test (or train_images, train_labels, test_images, test_labels).
    Images may have any height and width. MNIST comes from ``$BRIANMEM_DATA/mnist``
    if BRIANMEM_DATA is set, else from a verified download. Asking for more images
    than the sample holds loads MNIST instead; `Dataset.note` says so. Fewer images
    than there are form a stratified selection, see `stratified`. Raises
    `DatasetError` naming the file, its fault and the remedy.
    """
    train_images = _count(train_images, "train_images")
    test_images = _count(test_images, "test_images")
    note = ""
    if dataset == "sample" and _exceeds_sample(train_images, test_images):
        dataset = "mnist"
        note = (f"The embedded sample holds {SAMPLE_TRAIN} training and {SAMPLE_TEST} test images; "
                "more were asked for: using the full MNIST.")
        logger.info(note)
    whole = {"sample": load_sample, "mnist": load_mnist}.get(dataset, lambda: load_path(dataset))()
    return dataclasses.replace(whole.select(train_images, test_images), note=note)


def _count(n, name):
    if n is None:
        return None
    try:
        n = operator.index(n)
    except TypeError:
        raise DatasetError(f"{name} must be a whole number, got {n!r}.") from None
    if n < 1:
        raise DatasetError(f"{name} must be at least 1, got {n}.")
    return n


def _exceeds_sample(train_images, test_images):
    return (train_images or 0) > SAMPLE_TRAIN or (test_images or 0) > SAMPLE_TEST


def stratified(labels, n):
    """Choose n indices with the class shares of `labels`, evenly spread, in ascending order.

    Deterministic. Spread matters: the first half of MNIST's test set was written by
    other people, and more legibly, than the second. Shares are rounded by largest
    remainder.
    """
    labels = np.asarray(labels)
    classes, counts = np.unique(labels, return_counts=True)
    quota, remainder = np.divmod(counts.astype(np.int64) * n, len(labels))
    quota[np.argsort(-remainder, kind="stable")[:n - quota.sum()]] += 1
    chosen = []
    for cls, count, k in zip(classes, counts, quota, strict=True):
        middles = (2 * np.arange(k) + 1) * count // (2 * k) if k else []
        chosen.append(np.flatnonzero(labels == cls)[middles] if k else np.empty(0, np.int64))
    return np.sort(np.concatenate(chosen))


def load_sample():
    """Load the embedded sample of MNIST."""
    file = importlib.resources.files("brianmem").joinpath("data", SAMPLE_FILE)
    remedy = "Reinstall brianmem."
    try:
        content = lzma.decompress(file.read_bytes())
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise DatasetError(f"{file} is unreadable or damaged ({error}). {remedy}") from None
    if hashlib.sha256(content).hexdigest() != SAMPLE_SHA256:
        raise DatasetError(f"{file} does not have the SHA-256 of the sample. {remedy}")
    arrays, offset = [], 0
    for ndim in (3, 1, 3, 1):
        array, offset = datafiles.parse_idx(content, ndim, file, remedy, offset)
        arrays.append(array)
    return Dataset("sample", *arrays, SAMPLE_SHA256, MNIST_LICENCE, str(file))


def load_mnist():
    """Load all 70 000 digits from $BRIANMEM_DATA/mnist, or download them once.

    If BRIANMEM_DATA is set nothing is ever downloaded.
    """
    root = os.environ.get("BRIANMEM_DATA")
    if root:
        folder = Path(root).expanduser() / "mnist"
        remedy = ("BRIANMEM_DATA is set, so nothing is downloaded: put MNIST's four original files "
                  "there, or unset BRIANMEM_DATA.")
        arrays = datafiles.read_idx_folder(folder, remedy, MNIST_SHA256)
    else:
        folder = cache_folder()
        arrays = [_download(name, ndim, folder)
                  for name, ndim in zip(MNIST_SHA256, (3, 1, 3, 1), strict=True)]
    return _dataset("mnist", arrays, folder, MNIST_LICENCE)


def load_path(path):
    """Load a folder of IDX files, or an .npz file."""
    path = Path(path).expanduser()
    name = str(path)
    if path.suffix == ".npz":
        return _dataset(name, datafiles.read_npz(path), path)
    if path.name.removesuffix(".gz") in MNIST_SHA256:
        path = path.parent
    elif not path.is_dir():
        raise DatasetError(f"Dataset '{name}' is not 'sample', 'mnist', a folder or an .npz file. "
                           + _advice(name))
    remedy = "The folder must hold the four IDX files under MNIST's names, plain or gzipped."
    return _dataset(name, datafiles.read_idx_folder(path, remedy), path)


def _advice(name):
    hint = difflib.get_close_matches(name, ("sample", "mnist"), 1)
    return f"Did you mean '{hint[0]}'?" if hint else "Check the path."


def _dataset(name, arrays, source, licence=""):
    return Dataset(name, *arrays, datafiles.idx_digest(arrays), licence, str(source))


def cache_folder():
    """Return where downloaded MNIST files are kept."""
    import pooch

    return Path(os.environ.get("BRIANMEM_CACHE") or pooch.os_cache("brianmem")) / "mnist"


def _download(name, ndim, folder):
    """Return the array of a MNIST file from the cache, or from the first mirror that serves it."""
    path, faults = folder / f"{name}.gz", []
    for mirror in MIRRORS:
        try:
            _retrieve(f"{mirror}{name}.gz", path)
            return datafiles.read_idx_file(path, ndim, "", MNIST_SHA256[name])
        except DatasetError:
            path.unlink(missing_ok=True)
            faults.append(f"{mirror}: damaged")
        except Exception as error:  # requests, urllib3, ssl and sockets each raise their own
            faults.append(f"{mirror}: {type(error).__name__}")
    raise DatasetError(f"{path.name} could not be downloaded ({'; '.join(faults)}). Put MNIST's "
                       "four files into a folder 'mnist' and set BRIANMEM_DATA to its parent, or "
                       "use the data set 'sample'.")


def _retrieve(url, path):
    """Download `url` to `path` unless it is there; an interrupted download leaves no file."""
    import pooch

    if path.exists():
        return
    logger.info("Downloading %s", url)
    # pooch would advise to pin the hash of the archive, which differs between mirrors;
    # the hash of the content is checked instead.
    level = pooch.get_logger().level
    pooch.get_logger().setLevel("WARNING")
    try:
        pooch.retrieve(url, known_hash=None, fname=path.name, path=path.parent,
                       downloader=pooch.HTTPDownloader(timeout=30))
    finally:
        pooch.get_logger().setLevel(level)
