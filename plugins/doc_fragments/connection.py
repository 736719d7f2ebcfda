# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that say how a module reaches an agent."""

from __future__ import annotations


class ModuleDocFragment:
    """extends_documentation_fragment: mcast.smcroute.connection"""

    DOCUMENTATION = r"""
options:
  socket:
    description:
      - The agent's UNIX socket on the host where the module runs, as C(smcrouted
        --netconf-socket) has it.
      - Not used when O(host) is given.
    type: path
    default: /run/smcroute.netconf.sock
  host:
    description:
      - The name or address of the agent, to reach it over SSH from where the module runs.
      - Run the task on the controller then, with the connection V(local) or delegated to
        V(localhost).
      - When left out, a play with the connection P(ansible.netcommon.netconf#connection) uses
        that one; else the module runs on the router itself and uses O(socket).
    type: str
  port:
    description:
      - The TCP port of NETCONF over SSH, as C(smcrouted --netconf-ssh) has it; 22 when the
        router's own sshd serves the subsystem.
      - Only used with O(host).
    type: int
    default: 830
  username:
    description:
      - The user to log in as.
      - When left out, the user who runs the module.
      - Only used with O(host).
    type: str
  private_key_file:
    description:
      - The private key to log in with.
      - When left out, the keys of ssh-agent and those in C(~/.ssh).
      - Only used with O(host).
    type: path
  known_hosts_file:
    description:
      - The file with the host keys of the routers, as OpenSSH writes it.
      - When left out, C(~/.ssh/known_hosts).
      - Only used with O(host).
    type: path
  host_key_checking:
    description:
      - Whether the router's host key has to be known.
      - Without, nobody knows who answers.
      - Only used with O(host).
    type: bool
    default: true
  timeout:
    description:
      - How many seconds to wait for the connection, for the login, and for the reply to each
        request.
    type: int
    default: 30
requirements:
  - ncclient E(>=) 0.7.0, where the module runs, or on the controller when the play has a
    P(ansible.netcommon.netconf#connection) connection
notes:
  - With a P(ansible.netcommon.netconf#connection) connection the variables of that plugin say how
    to log in, and O(timeout) is not used. Its first task takes longest; the others use the same
    session.
  - To use the UNIX socket the module needs ncclient on the router. The agent's own interpreter
    has it where the role P(mcast.smcroute.agent#role) installed it, so set
    C(ansible_python_interpreter) to C(/opt/smcroute/bin/python).
"""
