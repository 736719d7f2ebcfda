# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of the modules that are not resource modules."""

from __future__ import annotations


class ModuleDocFragment:
    """extends_documentation_fragment: mcast.smcroute.attributes"""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and says what the real run would, without a change.
  diff_mode:
    description: Shows in diff mode what changes.
  action_group:
    support: full
    membership:
      - mcast.smcroute.smcroute
    description: Use C(group/mcast.smcroute.smcroute) in C(module_defaults) to set the connection
      options once for all modules.
"""
