"""A Dask cluster as the executor of a study: one that runs, or one that a batch system starts."""

import contextlib
import importlib

from brianmem.errors import EngineError, StudyError

_EXTRA = "pip install 'brianmem[sweep]'."
#: Batch systems of dask-jobqueue; "local" runs the job scripts on this machine.
SYSTEMS = {"slurm": "SLURMCluster", "pbs": "PBSCluster", "sge": "SGECluster", "lsf": "LSFCluster",
           "oar": "OARCluster", "moab": "MoabCluster", "htcondor": "HTCondorCluster",
           "local": "local.LocalCluster"}


@contextlib.contextmanager
def connect(address, patience=30, jobs=1):
    """Yield a `distributed.Client`, and close it.

    `address` is that of a scheduler, or ``slurm`` (any of `SYSTEMS`), or ``slurm:SECTION``:
    then a scheduler starts here and `jobs` worker processes as the section ``jobqueue.SECTION``
    of Dask's configuration says. Raises `StudyError`, or `EngineError` if nothing answers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise StudyError(f"A Dask scheduler needs the extra: {_EXTRA}") from None
    started = contextlib.nullcontext(address) if "://" in address else batch_cluster(address, jobs)
    with started as where:
        try:
            client = Client(where, timeout=patience)
        except (OSError, ValueError) as error:
            raise EngineError(f"no scheduler answers at {address}: {error}. Start one with 'dask "
                              "scheduler', and workers with 'dask worker ADDRESS --nthreads 1'."
                              ) from error
        try:
            yield client
        finally:
            client.close()


def batch_cluster(name, jobs):
    """Return a cluster of dask-jobqueue with `jobs` worker processes of one thread each.

    The processes of one batch job are as many as its ``cores``.
    """
    system, _, section = name.partition(":")
    if system not in SYSTEMS:
        raise StudyError(f"--scheduler must be an address, e.g. tcp://host:8786, or one of "
                         f"{', '.join(SYSTEMS)}, got '{name}'.")
    try:
        import dask
        import dask_jobqueue
    except ImportError:
        raise StudyError(f"--scheduler {system} needs the extra: {_EXTRA}") from None
    section = section or system
    given = dask.config.get(f"jobqueue.{section}", None)
    if not given or not given.get("cores") or not given.get("memory"):
        raise StudyError(f"--scheduler {name}: Dask's configuration says no cores and memory in its "
                         f"section jobqueue.{section}. Write them into ~/.config/dask/jobqueue.yaml.")
    module, _, kind = f"dask_jobqueue.{SYSTEMS[system]}".rpartition(".")
    made = getattr(importlib.import_module(module) if system == "local" else dask_jobqueue, kind)(
        config_name=section, processes=given["cores"])
    made.scale(jobs)
    return made
