"""Sphinx's settings for the documentation site; docs/build says how it is built."""

from __future__ import annotations

from typing import Any

from docutils import nodes

project = "mcast.smcroute"
copyright = "The mcast.smcroute project, GPL-3.0-or-later"
html_title = html_short_title = "mcast.smcroute"
html_theme = "sphinx_ansible_theme"
html_theme_options = {"documentation_home_url": "index.html", "vcs_pageview_mode": ""}
html_show_sphinx = False
html_copy_source = False
html_use_index = False

extensions = ["sphinx_antsibull_ext"]
pygments_style = "ansible"
highlight_language = "YAML+Jinja"

ANSIBLE_DOCS = "https://docs.ansible.com/projects/ansible/latest/"
ELSEWHERE = {
    "action_plugins": ("Action plugins", "plugins/action.html"),
    "ansible_configuration_settings": (
        "Ansible configuration settings",
        "reference_appendices/config.html",
    ),
    "ansible_collections.ansible.netcommon.netconf_connection": (
        "ansible.netcommon.netconf",
        "collections/ansible/netcommon/netconf_connection.html",
    ),
    "common_return_values": (
        "common return values",
        "reference_appendices/common_return_values.html",
    ),
}
"""Title and page of labels of Ansible's own site.  (intersphinx would fetch its index with every
build, from a host that may be unreachable.)"""


def refer_elsewhere(_app: Any, _environment: Any, node: Any, content: Any) -> Any:
    if node.get("reftarget") not in ELSEWHERE:
        return None
    title, page = ELSEWHERE[node["reftarget"]]
    shown = content if node.get("refexplicit") else nodes.inline(text=title)
    return nodes.reference("", "", shown, internal=False, refuri=ANSIBLE_DOCS + page)


def setup(app: Any) -> None:
    app.connect("missing-reference", refer_elsewhere)
