"""Build one standalone program; run in a child process by `brianmem.network.program`.

The child keeps the user's Brian2 device, preferences and logging untouched.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np

# Long enough for any chunk; the schedule ends the run after its last image.
_FOREVER = 1e9
_RESEED = "brian::_random_generators[0].seed((unsigned long)brian::_array_schedule_seed[0]);"


def main(argv=None):
    """Build the structure in the file named first into the folder named second."""
    specification, folder = argv if argv is not None else sys.argv[1:]
    build(json.loads(Path(specification).read_text(encoding="utf-8")), Path(folder))


def build(specification, folder):
    """Generate, compile and describe the program of `specification` in `folder`."""
    import brian2

    from brianmem.network.structure import Structure

    brian2.BrianLogger.suppress_name("base")
    brian2.BrianLogger.suppress_name("method_choice")
    brian2.prefs.devices.cpp_standalone.extra_make_args_unix = [f"-j{os.cpu_count() or 1}"]
    # GCC does not vectorise a group of many variables otherwise; Brian2 drops what a
    # compiler does not know.
    brian2.prefs.codegen.cpp.extra_compile_args_gcc += [
        "--param=vect-max-version-for-alias-checks=100"]
    brian2.set_device("cpp_standalone", build_on_run=False, directory=str(folder))
    objects = Structure(**specification).create()
    network = brian2.Network(objects)
    # Before the run's own preparations, which read the seed and the delays.
    brian2.device.apply_run_args()
    # No public interface sets a seed at run time; tests guard this line.
    brian2.device.insert_code("before_network_run", _RESEED)
    network.run(_FOREVER * brian2.second, namespace={})
    brian2.device.build(directory=str(folder), run=False, with_output=False)
    (folder / "manifest.json").write_text(json.dumps(manifest(brian2.device)), encoding="utf-8")


def manifest(device):
    """List what can be set and read: name to file, type, size, and the program's own name."""
    arrays = {}
    for variable in device.arrays:
        owner = getattr(variable.owner, "name", None)
        if owner is None:
            continue
        dynamic = variable in device.dynamic_arrays or variable in device.dynamic_arrays_2d
        # Brian2 2.11 calls the delays of spikes from the sources _pre_delay; before, the pathways'
        # delays had one name, and those came first.
        name = "delay" if variable.name == "_pre_delay" else variable.name
        arrays.setdefault(f"{owner}.{name}", {
            "file": device.get_array_filename(variable), "dtype": np.dtype(variable.dtype).name,
            "size": None if dynamic else int(variable.size), "key": f"{owner}.{variable.name}"})
    tables = {table.name: {"shape": list(table.values.shape)} for table in device.timed_arrays}
    return {"arrays": arrays, "tables": tables}


if __name__ == "__main__":
    main()
