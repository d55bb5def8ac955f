"""Ten letters of 5 x 7 pixels, and noisy copies of them."""

import numpy as np

SHAPE = (7, 5)
_DRAWN = {
    "A": ".###. #...# #...# ##### #...# #...# #...#",
    "C": ".#### #.... #.... #.... #.... #.... .####",
    "E": "##### #.... #.... ####. #.... #.... #####",
    "H": "#...# #...# #...# ##### #...# #...# #...#",
    "I": "##### ..#.. ..#.. ..#.. ..#.. ..#.. #####",
    "K": "#...# #..#. #.#.. ##... #.#.. #..#. #...#",
    "L": "#.... #.... #.... #.... #.... #.... #####",
    "O": ".###. #...# #...# #...# #...# #...# .###.",
    "T": "##### ..#.. ..#.. ..#.. ..#.. ..#.. ..#..",
    "X": "#...# #...# .#.#. ..#.. .#.#. #...# #...#",
}
LETTERS = tuple(_DRAWN)
#: One letter a row, 1 where it is drawn.
PIXELS = np.array([[c == "#" for c in text if c != " "] for text in _DRAWN.values()], dtype=float)


def noisy(rng, per_letter, flipped):
    """Return pictures (n, pixels) and labels (n,) in random order, a share of pixels flipped."""
    labels = rng.permutation(np.repeat(np.arange(len(LETTERS)), per_letter))
    wrong = rng.random((len(labels), PIXELS.shape[1])) < flipped
    return np.abs(PIXELS[labels] - wrong), labels
