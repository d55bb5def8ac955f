"""C++ of the Diehl-Cook layer: what its synapses do, over whole arrays.

Each function does the arithmetic of the texts in `diehl_cook_layer`, which runtime
simulations use; a test holds the two against each other.
"""

import numpy as np
from brian2 import Function, exponential_euler

# More than the longest delay in steps, so that no spike under way is forgotten.
RING = 64

_TRANSMIT = """
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>
struct InputSpike { int input, step; };
static std::vector<int> _order, _first;         // synapses of an input by delay
static std::vector<short> _lag;                 // delay in steps
static std::vector<int> _ring, _seen;           // latest spikes of each input
static std::vector<InputSpike> _flying;
static int _longest = 0;

static void _sort_delays() {
    const double* delay = &brian::DELAYS[0];
    _lag.resize(N_IN*N);
    for (size_t s = 0; s < N_IN*N; s++) {
        _lag[s] = (short)(delay[s]/DT + 0.5);
        _longest = std::max(_longest, (int)_lag[s]);
    }
    if (_longest >= RING) throw std::runtime_error("a synaptic delay is too long");
    _order.resize(N_IN*N);
    _first.assign(N_IN*(_longest + 2), 0);
    for (size_t i = 0; i < N_IN; i++) {
        int* order = &_order[i*N];
        const short* lag = &_lag[i*N];
        for (int j = 0; j < N; j++) order[j] = j;
        std::stable_sort(order, order + N, [lag](int a, int b) { return lag[a] < lag[b]; });
        int* first = &_first[i*(_longest + 2)];
        for (int j = 0; j < N; j++) first[lag[j] + 1]++;
        for (int d = 0; d <= _longest; d++) first[d + 1] += first[d];
    }
    _ring.assign(N_IN*RING, 0);
    _seen.assign(N_IN, 0);
}

static void _arrive(const int step, const bool learning) {
    double* __restrict ge = brian::_array_neurons_ge;
    const double* __restrict post1 = brian::_array_neurons_post1;
    const double eta = brian::_array_synapses_eta_arrival[0];
    size_t kept = 0;
    for (size_t s = 0; s < _flying.size(); s++) {
        const InputSpike spike = _flying[s];
        const int age = step - spike.step;
        const int* first = &_first[spike.input*(_longest + 2) + age];
        const int* __restrict order = &_order[(size_t)spike.input*N];
        double* __restrict w = &brian::_dynamic_array_synapses_w[(size_t)spike.input*N];
        if (learning) {
            #pragma GCC ivdep
            for (int k = first[0]; k < first[1]; k++) {
                const int j = order[k];
                const double before = w[j], x = before - eta*post1[j];
                ge[j] += before;
                w[j] = x < 0 ? 0 : (x > 1 ? 1 : x);
            }
        } else {
            #pragma GCC ivdep
            for (int k = first[0]; k < first[1]; k++) ge[order[k]] += w[order[k]];
        }
        if (age < _longest) _flying[kept++] = spike;
    }
    _flying.resize(kept);
}

static void _learn(const int step, const int j) {
    const double post2 = brian::_array_neurons_post2[j];
    const double eta = brian::_array_synapses_eta_spike[0];
    const double rate = DT/brian::_array_synapses_tau_arrival[0];
    double* w = &brian::_dynamic_array_synapses_w[0];
    for (size_t i = 0; i < N_IN; i++) {
        const int lag = _lag[i*N + j];
        for (int k = _seen[i] - 1; k >= std::max(0, _seen[i] - RING); k--) {
            const int age = step - _ring[i*RING + k % RING] - lag;
            if (age < 0) continue;
            const double x = w[i*N + j] + eta*std::exp(-age*rate)*post2;
            w[i*N + j] = x < 0 ? 0 : (x > 1 ? 1 : x);
            break;
        }
    }
}

static inline double transmit(const int64_t now) {
    const int step = (int)now;
    if (_lag.empty()) _sort_delays();
    const bool learning = brian::_array_synapses_plastic[0] > 0;
    const int32_t* fired = brian::_array_inputs__spikespace;
    for (int k = 0; k < fired[N_IN]; k++) {
        _ring[fired[k]*RING + _seen[fired[k]]++ % RING] = step;
        _flying.push_back({fired[k], step});
    }
    _arrive(step, learning);
    fired = brian::_array_neurons__spikespace;
    for (int k = 0; k < fired[N]; k++) {
        if (learning) _learn(step, fired[k]);
        brian::_array_inhibitory_ge[fired[k]] += brian::_array_inhibitory_excitation[0];
    }
    brian::_array_schedule_fired[0] += fired[N];
    fired = brian::_array_inhibitory__spikespace;
    const double inhibition = brian::_array_neurons_inhibition[0];
    double* __restrict gi = brian::_array_neurons_gi;
    for (int k = 0; k < fired[N]; k++) {
        const double own = gi[fired[k]];
        for (int j = 0; j < N; j++) gi[j] += inhibition;
        gi[fired[k]] = own;
    }
    return 0;
}
"""

_NORMALISE = """
#include <vector>
static inline double normalise(const double learning) {
    if (learning <= 0) return 0;
    double* __restrict w = &brian::_dynamic_array_synapses_w[0];
    double* __restrict total = brian::_array_neurons_total;
    for (int j = 0; j < N; j++) total[j] = 0;
    for (size_t i = 0; i < N_IN; i++)
        for (int j = 0; j < N; j++) total[j] += w[i*N + j];
    const double target = brian::_array_synapses_target[0];
    std::vector<double> factor(N);
    for (int j = 0; j < N; j++) factor[j] = target/total[j];
    for (size_t i = 0; i < N_IN; i++)
        for (int j = 0; j < N; j++) w[i*N + j] *= factor[j];
    return 0;
}
"""

# Branchless, so that the compiler does several neurons at a time. The relative error is
# below 1e-12 for -5 < x <= 0 and 1e-3 where the result is below 1e-18.
_FAST_EXP = """
static inline double fast_exp(const double x) {
    const double y = (x > -60 ? x : -60)/256;
    double r = 1 + y*(1 + y*(1/2. + y*(1/6. + y*(1/24. + y*(1/120. + y/720.)))));
    r *= r; r *= r; r *= r; r *= r;
    r *= r; r *= r; r *= r; r *= r;
    return r;
}
"""


def transmit_function(n_inputs, n_neurons, dt, delays):
    """Return the function of the step's index that delivers all spikes of the step.

    Input spikes arrive, firing neurons learn, then excite and inhibit; dt in seconds.
    `delays` is the C++ name of the array of delays, which Brian2's versions call differently.
    """
    constants = (f"static const int RING = {RING};\nstatic const double DT = {dt!r};\n"
                 f"#define DELAYS {delays}\n")
    return _function("transmit", constants + _TRANSMIT, n_inputs, n_neurons)


def normalise_function(n_inputs, n_neurons):
    """Return the function that scales each column of weights unless its argument is 0."""
    return _function("normalise", _NORMALISE, n_inputs, n_neurons)


def _function(name, code, n_inputs, n_neurons):
    def only_compiled(argument):
        raise NotImplementedError("dense_read needs C++; use dense_read=False")

    function = Function(only_compiled, arg_units=[1], return_unit=1, stateless=False)
    sizes = f"static const size_t N_IN = {n_inputs};\nstatic const int N = {n_neurons};\n"
    function.implementations.add_implementation("cpp", sizes + code, name=name)
    return function


def fast_exp_function():
    """Return exp(x) for x <= 0 in a form that compilers vectorise."""
    function = Function(np.exp, arg_units=[1], return_unit=1)
    function.implementations.add_implementation("cpp", _FAST_EXP, name="fast_exp")
    return function


def exponential_euler_vectorised(equations, variables=None, method_options=None):
    """Write Brian2's exponential Euler steps with `fast_exp`, which the group must know."""
    return exponential_euler(equations, variables, method_options).replace("exp(", "fast_exp(")
