"""Solving linear systems with known zeros: straight-line C++, or a loop where that is too long.

The matrix is ``shift*1 - J``; the entries of J that are not 0 for every argument come as one
array, by rows. Straight-line code takes its pivots from the diagonal, in the order that
fills in least. That is safe inside an error control that shortens the step, with which
the diagonal dominates; one fixed step takes the loop, which looks for pivots.
"""

#: Multiplications above which the text would be longer to compile than it saves.
LONGEST = 10_000


def code(k, entries, pivoting=False):
    """Return C++ of ``%NAME%_factor(shift, j, w, pivot)`` and ``%NAME%_solve(w, pivot, b)``.

    `entries` are the (row, column) of J, sorted. The text also defines ``%NAME%_size``,
    the length of w.
    """
    if not pivoting:
        plan = _Plan(k, entries)
        if plan.cost <= LONGEST:
            return plan.text(entries)
    rows, columns = ([e[n] for e in entries] or [0] for n in (0, 1))
    lists = [f"static const int %NAME%_{name}[] = {{{', '.join(map(str, values))}}};"
             for name, values in (("rows", rows), ("columns", columns))]
    return "\n".join([*lines_of_size(k * k), *lists,
                      _LOOP.replace("%ENTRIES%", str(len(entries)))])


def lines_of_size(size):
    return [f"enum {{ %NAME%_size = {size} }};"]


class _Plan:
    """The order of elimination, the fill-in, and the number of multiplications."""

    def __init__(self, k, entries):
        self.pattern = {*entries, *((i, i) for i in range(k))}
        self.order, self.steps, self.cost = [], [], 0
        left = set(range(k))
        rows = {i: {j for r, j in self.pattern if r == i} for i in left}
        columns = {j: {i for i, c in self.pattern if c == j} for j in left}
        while left:
            c = min(left, key=lambda n: ((len(rows[n]) - 1) * (len(columns[n]) - 1), n))
            left.remove(c)
            below, right = sorted(columns[c] - {c}), sorted(rows[c] - {c})
            for i in below:
                rows[i].discard(c)
                rows[i].update(right)
            for j in right:
                columns[j].discard(c)
                columns[j].update(below)
            self.pattern.update((i, j) for i in below for j in right)
            self.order.append(c)
            self.steps.append((c, below, right))
            # The factors, and four solutions.
            self.cost += len(below) * (1 + len(right)) + 4 * (len(below) + len(right) + 1)

    def text(self, entries):
        place = {e: n for n, e in enumerate(sorted(self.pattern))}
        given = {e: n for n, e in enumerate(entries)}
        factor, solve = [], []
        for i, j in place:
            terms = ["shift"] * (i == j) + [f"-j[{given[e]}]" for e in [(i, j)] if e in given]
            factor.append(f"double w{place[i, j]} = {' '.join(terms) or '0.0'};")
        for c, below, right in self.steps:
            factor.append(f"w{place[c, c]} = 1.0/w{place[c, c]};")
            for i in below:
                factor.append(f"w{place[i, c]} *= w{place[c, c]};")
                factor += [f"w{place[i, j]} -= w{place[i, c]}*w{place[c, j]};" for j in right]
                solve.append(f"b[{i}] -= w[{place[i, c]}]*b[{c}];")
        for c, _, right in reversed(self.steps):
            known = "".join(f" - w[{place[c, j]}]*b[{j}]" for j in right)
            solve.append(f"b[{c}] = (b[{c}]{known})*w[{place[c, c]}];")
        factor += [f"w[{n}] = w{n};" for n in range(len(place))]
        return "\n".join([
            *lines_of_size(len(place)),
            "static inline void %NAME%_factor(double shift, const double* j, double* w, int*)", "{",
            *factor, "}", "static inline void %NAME%_solve(const double* w, const int*, double* b)",
            "{", *solve, "}"])


_LOOP = """
static void %NAME%_factor(double shift, const double* j, double* w, int* pivot)
{
    for (int n = 0; n < %K%*%K%; n++) w[n] = 0;
    for (int n = 0; n < %ENTRIES%; n++) w[%NAME%_rows[n]*%K% + %NAME%_columns[n]] = -j[n];
    for (int c = 0; c < %K%; c++) w[c*%K% + c] += shift;
    for (int c = 0; c < %K%; c++) {
        int best = c;
        for (int r = c + 1; r < %K%; r++)
            if (std::fabs(w[r*%K% + c]) > std::fabs(w[best*%K% + c])) best = r;
        pivot[c] = best;
        if (best != c) for (int n = 0; n < %K%; n++) {
            const double swap = w[c*%K% + n]; w[c*%K% + n] = w[best*%K% + n]; w[best*%K% + n] = swap;
        }
        const double inverse = w[c*%K% + c] = 1.0/w[c*%K% + c];
        for (int r = c + 1; r < %K%; r++) {
            if (w[r*%K% + c] == 0) continue;
            const double m = w[r*%K% + c] *= inverse;
            for (int n = c + 1; n < %K%; n++) w[r*%K% + n] -= m*w[c*%K% + n];
        }
    }
}
static void %NAME%_solve(const double* w, const int* pivot, double* b)
{
    for (int c = 0; c < %K%; c++) {
        const double swap = b[c]; b[c] = b[pivot[c]]; b[pivot[c]] = swap;
    }
    for (int c = 0; c < %K%; c++) {
        double sum = b[c];
        for (int n = 0; n < c; n++) sum -= w[c*%K% + n]*b[n];
        b[c] = sum;
    }
    for (int c = %K% - 1; c >= 0; c--) {
        double sum = b[c];
        for (int n = c + 1; n < %K%; n++) sum -= w[c*%K% + n]*b[n];
        b[c] = sum*w[c*%K% + c];
    }
}
"""
