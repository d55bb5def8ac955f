"""Fit a device to measured data: `fit`, and what it needs."""

from brianmem.fitting.closed_forms import retention_model
from brianmem.fitting.core import FitResult, fit
from brianmem.fitting.measurements import MEASUREMENTS
from brianmem.fitting.tables import COLUMNS, Table, read_table

__all__ = ["COLUMNS", "MEASUREMENTS", "FitResult", "Table", "fit", "read_table",
           "retention_model"]
