"""scrapli-netconf over OpenSSH's client; argv[1] says where, stdout what it saw."""

import json
import sys

from scrapli_netconf.driver import NetconfDriver

place = json.loads(sys.argv[1])


def connect():
    return NetconfDriver(
        host=place["host"],
        port=place["port"],
        auth_username=place["user"],
        auth_private_key=place["key"],
        auth_strict_key=True,
        ssh_known_hosts_file=place["known_hosts"],
        transport="system",
        preferred_netconf_version=place["version"],
        timeout_ops=20,
    )


found = {}
with connect() as client:
    found["version"] = client.netconf_version.value
    found["capabilities"] = sorted(client.server_capabilities)
    found["datastores"] = [client.readable_datastores, client.writeable_datastores]
    done = [
        client.lock("candidate"),
        client.edit_config(place["edit"], target="candidate"),
        client.validate("candidate"),
        client.commit(),
        client.unlock("candidate"),
    ]
    with connect() as other:
        done += [other.lock("running"), other.unlock("running")]
    found["failed"] = [response.failed for response in done]
    found["filtered"] = client.get_config(source="running", filter_=place["filter_content"]).result
    found["xpath"] = client.get(filter_=place["xpath_expression"], filter_type="xpath").result
    error = client.edit_config(place["bad_edit"], target="running")
    found["error"] = [error.failed, error.result]
    found["undone"] = client.edit_config(place["undo"], target="running").failed
    found["rpc"] = client.rpc(place["rpc"]).result
print(json.dumps(found))
