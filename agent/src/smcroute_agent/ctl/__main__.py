"""smcroutectl, as python -m smcroute_agent.ctl."""

import sys

from . import main

sys.exit(main())
