"""How many bytes this process has sent and received over networks: of its own connections, not of the whole machine.

Linux tells it of each TCP connection. What goes over one that opens and closes between two looks is not seen.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
from typing import Any

import psutil

COUNTS = struct.Struct("=QQ")
"""Bytes acknowledged and received, at this place of Linux's `struct tcp_info`."""
AT = 120


class Traffic:
    """Ask it now and then; `bytes` only grows."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._open: dict[tuple[object, ...], int] = {}
        self.bytes = 0
        """Sent and received, without loopback."""

    def look(self) -> int:
        """`bytes`, now. 0 where the system does not tell."""
        if not hasattr(socket, "TCP_INFO"):
            return 0
        still: dict[tuple[object, ...], int] = {}
        for one in self._process.net_connections("tcp"):
            if one.raddr and not ipaddress.ip_address(one.raddr.ip.partition("%")[0]).is_loopback:
                key = (one.fd, one.laddr, one.raddr)
                still[key] = count = _count(one)
                self.bytes += max(0, count - self._open.get(key, 0))
        self._open = still
        return self.bytes


def _count(connection: Any) -> int:
    try:
        with socket.socket(connection.family, connection.type, fileno=os.dup(connection.fd)) as same:
            told = same.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, AT + COUNTS.size)
        return sum(COUNTS.unpack_from(told, AT))
    except (OSError, struct.error):  # closed meanwhile, or a system that tells less
        return 0
