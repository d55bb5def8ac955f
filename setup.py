"""Which folders become which packages; everything else is in setup.cfg."""

from setuptools import find_packages, setup

FOLDERS = {"brianmem": "brianmem", "brianmem.models": "models",
           "brianmem.experiments": "experiments"}

setup(
    packages=[name for package, folder in FOLDERS.items()
              for name in (package, *(f"{package}.{p}" for p in find_packages(folder)))],
    package_dir=FOLDERS,
    package_data={"brianmem": ["*.bib", "data/*", "data/examples/*", "network/*.h",
                               "network/templates/*"]},
)
