"""`python -m clientportal` is the `clientportal` command."""

from __future__ import annotations

import sys

from clientportal.cli import main

if __name__ == "__main__":
    sys.exit(main())
