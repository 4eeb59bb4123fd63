"""``python -m etl.sources.embed``: build the embedded data."""

import sys

from etl.sources.embed.build import main

sys.exit(main())
