"""What stays the same over a clock step: computed once, and divided by once."""

import re

NAME = re.compile(r"\b[A-Za-z_]\w*")
#: Names of what is computed once, ``c`` and a number.
CONSTANT = re.compile(r"c\d+")
_MOVES = re.compile(r"\b(?:w\d+|y_\w+|t|call_\w+)\b")
_DIVISION = re.compile(r"(\S+) ?/ ?(\S+)")


class Constants:
    """Lines of a `Tape` that depend on no state and not on t, for several tapes at once."""

    def __init__(self):
        self._lines, self._known, self._stored = [], {}, {}

    @property
    def count(self):
        return len(self._stored)

    def split(self, lines, outputs):
        """Return `lines` without the constant ones, and `outputs`; constants are ``c0, c1 ...``."""
        renamed, rest, known = {}, [], {}
        for line in lines:
            name, text = line.split(" = ", 1)
            text = self._by_inverse(NAME.sub(lambda m: renamed.get(m[0], m[0]), text))
            if not _MOVES.search(text):
                renamed[name] = self._name(text)
            elif text in known:
                renamed[name] = known[text]
            else:
                known[text] = name
                rest.append((name, text))
        outputs = [renamed.get(out, out) for out in outputs]
        return [f"{name} = {self._stored_in(text)}" for name, text in rest], \
            [self._stored_in(out) for out in outputs]

    def _by_inverse(self, text):
        """Turn a division by a constant into a multiplication."""
        found = _DIVISION.fullmatch(text)
        if found is None:
            return text
        above, below = found.groups()
        if above == "1.0":
            return f"1.0/{below}"
        if _MOVES.search(above) and not _MOVES.search(below):
            return f"{above}*{self._name(f'1.0/{below}')}"
        return text

    def _name(self, text):
        if text not in self._known:
            self._known[text] = f"k{len(self._lines)}"
            self._lines.append(f"{self._known[text]} = {text}")
        return self._known[text]

    def _stored_in(self, text):
        return re.sub(r"\bk\d+\b", lambda m: self._stored.setdefault(m[0], f"c{len(self._stored)}"),
                      text)

    def text(self, system):
        """Return the C++ function that computes all that `split` has named."""
        body = [f"    const double p_{n} = p[{i}];" for i, n in enumerate(system.inputs)]
        body += [f"    const double {line};" for line in self._lines]
        body += [f"    c[{c[1:]}] = {k};" for k, c in self._stored.items()]
        return "\n".join(["static void %NAME%_constants(const double* p, double* c)", "{", *body,
                          "}"]).replace("op_inf", "INFINITY")
