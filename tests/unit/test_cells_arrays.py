"""Cells in rows and columns: half-selected writes, sneak paths, and pairs that compare."""

import numpy as np
import pytest
from brian2 import amp, ohm, uamp, volt

from brianmem import find
from brianmem.cells import complementary_pair, half_selected, xnor_column
from brianmem.flow import flow

GAP, RECTIFIER = find("stanford_pku"), find("self_rectifying")


class TestPassiveArray:
    def test_counts_and_voltages_of_both_schemes(self):
        for scheme in ("V/2", "V/3"):
            cells = half_selected(scheme, 32)
            assert sum(n for n, _ in cells) == 32**2
        assert half_selected("V/2", 32) == ((1, 1.0), (62, 0.5), (961, 0.0))
        assert half_selected("V/3", 32) == ((1, 1.0), (62, 1 / 3), (961, -1 / 3))

    def test_a_third_disturbs_least_and_costs_most_unless_devices_rectify(self):
        voltage, width = RECTIFIER.operation["set"]

        def power(device, scheme):
            return sum(n * float(device.evaluate("I", v=s * voltage, x=1)) * s * float(voltage)
                       for n, s in half_selected(scheme, 32)[1:])

        def disturb(scheme):
            """Largest change of a state at the middle by 1000 writes of other cells."""
            shares = {s for _, s in half_selected(scheme, 32)[1:]}
            return max(abs(flow(RECTIFIER, s * voltage, 1000 * width, [[0.5]])[0][0, 0] - 0.5)
                       for s in shares)

        assert disturb("V/3") < 1e-4
        assert disturb("V/2") > 5 * disturb("V/3")
        ohmic = RECTIFIER.with_parameters(RR=1)
        assert power(ohmic, "V/3") > 3 * power(ohmic, "V/2")
        assert power(RECTIFIER, "V/3") < power(RECTIFIER, "V/2")

    @pytest.mark.parametrize("scheme", ["V/2", "V/3"])
    @pytest.mark.parametrize("gap", [0.3e-9, 1e-9, 1.7e-9])
    def test_a_field_threshold_protects_half_selected_gaps(self, scheme, gap):
        """Below the least field nothing moves, however many writes."""
        voltage, width, *_ = GAP.operation["set"]
        assert abs(flow(GAP, voltage, width, [[1.2e-9]], series_resistance=500*ohm)[0][0, 0]
                   - 1.2e-9) > 1e-12
        for _, share in half_selected(scheme, 64)[1:]:
            (x,), _ = flow(GAP, share * voltage, 1e6 * width, [[gap]], series_resistance=500*ohm)
            assert x[0] == gap

    def test_a_sneak_path_runs_backwards_through_one_device(self):
        """Read 1 V; a path of three cells, the middle one reversed, against the cell itself."""
        read = RECTIFIER.read_voltage
        direct = float(RECTIFIER.evaluate("I", v=read, x=1))

        def sneak(device):
            a = np.linspace(0, 1, 200_001) * float(read) / 2  # over each outer cell
            outer = np.asarray(device.evaluate("I", v=a*volt, x=1))
            middle = -np.asarray(device.evaluate("I", v=(2 * a - float(read))*volt, x=1))
            return float(outer[np.argmin(np.abs(outer - middle))])

        assert sneak(RECTIFIER.with_parameters(RR=1)) > 0.2 * direct
        assert 961 * sneak(RECTIFIER) < 0.15 * direct


class TestXnor:
    # On/off 10, the smallest that has to work.
    DEVICE = find("vteam").with_parameters(R_off=500*ohm)

    @pytest.mark.parametrize("weight", [0, 1])
    @pytest.mark.parametrize("x", [0, 1])
    def test_truth_table_of_the_cell(self, weight, x):
        cell = complementary_pair(self.DEVICE, weight).with_parameters(x=x)
        current = float(cell.evaluate("I", v=10*1e-3*volt))
        assert (current > 0.01 / 500 * 10**0.5) == (weight == x)
        assert current == pytest.approx(0.01 / (50 if weight == x else 500))

    @pytest.mark.parametrize("sigma", [0, 0.1])
    def test_every_row_of_a_column_tells_its_match(self, sigma):
        for weight in (0, 1):
            for x in (0, 1):
                rows = [xnor_column(self.DEVICE, [weight], [x], sigma, seed)[0] / amp
                        for seed in range(128)]
                assert np.all((np.array(rows) > 0.01 / 500 * 10**0.5) == (weight == x))

    @pytest.mark.parametrize("rows", [1, 2, 8, 32, 128])
    def test_without_spread_the_column_senses_every_majority(self, rows):
        weights = np.random.default_rng(rows).integers(0, 2, rows)
        for matches in range(rows + 1):
            inputs = np.where(np.arange(rows) < matches, weights, 1 - weights)
            current, threshold = xnor_column(self.DEVICE, weights, inputs)
            assert np.sign(round(float((current - threshold) / uamp), 6)) == \
                np.sign(2 * matches - rows)

    def test_with_ten_percent_spread_it_errs_only_next_to_a_tie(self):
        """The current spreads by 0.1*sqrt(rows/2) units; four of these are 3.6 matches."""
        rows, rng = 128, np.random.default_rng(0)
        for seed in range(200):
            weights = rng.integers(0, 2, rows)
            matches = rng.choice([60, 68])
            inputs = np.where(rng.permutation(rows) < matches, weights, 1 - weights)
            current, threshold = xnor_column(self.DEVICE, weights, inputs, 0.1, seed)
            assert (current > threshold) == (matches == 68)
