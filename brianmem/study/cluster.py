"""A Dask cluster as the executor of a study."""

import contextlib

from brianmem.errors import EngineError, StudyError


@contextlib.contextmanager
def connect(address, patience=30):
    """Yield a `distributed.Client` of the scheduler at `address`, and close it."""
    try:
        from distributed import Client
    except ImportError:
        raise StudyError("A Dask scheduler needs the extra: pip install 'brianmem[sweep]'.") from None
    try:
        client = Client(address, timeout=patience)
    except (OSError, ValueError) as error:
        raise EngineError(f"no scheduler answers at {address}: {error}. Start one with 'dask "
                          "scheduler', and workers with 'dask worker ADDRESS --nthreads 1'.") from error
    try:
        yield client
    finally:
        client.close()
