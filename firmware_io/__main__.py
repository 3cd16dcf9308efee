"""``python -m firmware_io``: see :mod:`firmware_io.cli`."""

import sys

from firmware_io.cli import main

sys.exit(main())
