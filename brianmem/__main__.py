"""``python -m brianmem`` is the command ``brianmem``."""

from brianmem.cli import main

raise SystemExit(main())
