"""Rebuild the embedded sample from MNIST's four original files.

    BRIANMEM_DATA=FOLDER python brianmem/data/build_sample.py

FOLDER holds ``mnist/`` with the four IDX files, plain or gzipped; their SHA-256
is checked. Writes mnist_sample.idx.xz beside this script and prints the SHA-256
of its content, which belongs into brianmem/datasets.py. The content is
deterministic; the compressed bytes may differ between versions of liblzma.
"""

import hashlib
import lzma
from pathlib import Path

from brianmem import datafiles, datasets

# Four bits of literal context and none of position: the best of the settings for these images.
XZ_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME,
               "lc": 4, "lp": 0, "pb": 0}]


def sample_content():
    """Return the sample as four IDX records, one after another."""
    chosen = datasets.load("mnist", datasets.SAMPLE_TRAIN, datasets.SAMPLE_TEST)
    return b"".join(datafiles.idx_bytes(array) for array in chosen.arrays)


def main():
    content = sample_content()
    path = Path(__file__).with_name(datasets.SAMPLE_FILE)
    path.write_bytes(lzma.compress(content, format=lzma.FORMAT_XZ, filters=XZ_FILTERS))
    print(f"{path}: {path.stat().st_size} bytes, content {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
