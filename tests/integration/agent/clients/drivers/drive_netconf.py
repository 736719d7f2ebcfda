"""The client half of netconf (PyPI); argv[1] says where, stdout what it saw."""

import json
import socket
import sys

import paramiko
from lxml import etree
from netconf.client import NetconfClientSession, NetconfSSHSession
from netconf.error import RPCError

place = json.loads(sys.argv[1])


class Stream(socket.socket):
    """A socket with what netconf asks of an SSH channel."""

    def is_active(self):
        return self.fileno() >= 0

    def sendall(self, data):
        super().sendall(data.encode() if isinstance(data, str) else data)


def connect():
    if place["way"] == "UNIX socket":
        stream = Stream(socket.AF_UNIX)
        stream.connect(place["socket"])
        return NetconfClientSession(stream)
    # It takes a key in the place of a password.
    key = paramiko.Ed25519Key.from_private_key_file(place["key"])
    return NetconfSSHSession(place["host"], place["port"], place["user"], key)


def told(error):
    return [error.get_error_type(), error.get_error_tag(), error.get_error_severity()]


def text(data):
    return etree.tostring(data).decode()


found = {}
session, other = connect(), connect()
found["capabilities"] = sorted(session.capabilities)
found["distinct sessions"] = session.session_id != other.session_id
session.lock("candidate")
try:
    other.lock("candidate")
except RPCError as error:
    found["locked"] = told(error)
session.edit_config("candidate", newconf=place["edit"])
session.send_rpc("<nc:commit/>")
session.unlock("candidate")
other.lock("candidate")
other.unlock("candidate")
found["filtered"] = text(session.get_config("running", place["filter_content"]))
found["xpath"] = text(session.get_config("running", place["xpath_expression"]))
try:
    session.edit_config("running", newconf=place["bad_edit"])
except RPCError as error:
    found["error"] = told(error)
session.edit_config("running", newconf=place["undo"])
other.close()
session.close()
print(json.dumps(found))
