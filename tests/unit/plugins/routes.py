"""A route as a playbook, the wire and an error have it, for tests of smcroute_route."""

from __future__ import annotations

A = {"interface": "in0", "source": "*", "group": "225.0.0.1", "out_interfaces": ["out0"]}
A_XML = (
    "<mroute><interface>in0</interface><source>*</source><group>225.0.0.1</group>"
    "<out-interface>out0</out-interface></mroute>"
)
A_PATH = (
    "/smc:smcroute/smc:mroute[smc:interface='in0'][smc:source='*'][smc:group='225.0.0.1']"
    "/smc:out-interface[.='out1']"
)


def warnings(result):
    return [entry["event"]["msg"] for entry in result.get("warnings", ())]
