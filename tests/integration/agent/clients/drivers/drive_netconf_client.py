"""netconf-client over SSH or the UNIX socket; argv[1] says where, stdout what it saw."""

import json
import socket
import sys

from netconf_client.connect import connect_ssh
from netconf_client.error import RpcError
from netconf_client.ncclient import Manager
from netconf_client.session import Session

place = json.loads(sys.argv[1])


def connect():
    if place["way"] == "UNIX socket":
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(place["socket"])
        return Manager(Session(sock), timeout=20)
    session = connect_ssh(
        host=place["host"],
        port=place["port"],
        username=place["user"],
        key_filename=place["key"],
        hostkey_b64=place["host_key"],
        general_timeout=20,
    )
    return Manager(session, timeout=20)


found = {}
with connect() as client, connect() as other:
    found["capabilities"] = sorted(client.session.server_capabilities)
    found["distinct sessions"] = client.session_id != other.session_id
    other.create_subscription(filter=place["event_filter"])

    client.lock("candidate")
    try:
        other.lock("candidate")
    except RpcError as error:
        found["locked"] = [error.tag, error.message]
    client.edit_config(place["edit"], target="candidate")
    client.validate("candidate")
    client.commit()
    client.unlock("candidate")
    other.lock("candidate")
    other.unlock("candidate")

    found["filtered"] = client.get_config("running", filter=place["filter"]).data_xml.decode()
    found["xpath"] = client.get(filter=place["xpath"]).data_xml.decode()
    notification = other.take_notification(timeout=20)
    found["notification"] = notification.notification_xml.decode()
    try:
        client.edit_config(place["bad_edit"], target="running")
    except RpcError as error:
        found["error"] = [error.tag, error.message, error.info.decode()]
    client.edit_config(place["undo"], target="running")
    client.close_session()
print(json.dumps(found))
