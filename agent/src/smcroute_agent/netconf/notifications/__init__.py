"""Event notifications (RFC 5277): the stream NETCONF, its replay log and its subscriptions."""
