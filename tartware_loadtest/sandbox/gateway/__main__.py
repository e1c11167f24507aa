"""Runs the gateway in this process: ``python -m tartware_loadtest.sandbox.gateway``."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

from tartware_loadtest.sandbox.gateway.app import Gateway, load_settings
from tartware_loadtest.sandbox.gateway.settings import GatewaySettings

_SETTINGS = "TARTWARE_SANDBOX_GATEWAY"


async def serve(settings: GatewaySettings) -> None:
    """Answer requests until SIGTERM."""
    gateway = Gateway(settings)
    await gateway.start()
    server = Server(
        gateway,
        address="127.0.0.1",
        port=settings.port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        backpressure=8192,
        log_access=False,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    writing = loop.create_task(gateway.writer.run())
    try:
        await server.serve()
    finally:
        writing.cancel()
        await gateway.pool.close()
        await gateway.writer.pool.close()


if __name__ == "__main__":
    asyncio.run(serve(load_settings(Path(os.environ[_SETTINGS]).read_text(encoding="utf-8"))))
