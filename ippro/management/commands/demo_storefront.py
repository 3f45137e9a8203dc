"""`manage.py demo_storefront`: serves Demo Mall until it is told to stop.

Of ippro it touches nothing; what it shows is drawn by the demo world when somebody looks at it.
"""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from gunicorn.app.base import BaseApplication

from marketplace.connectors.demo.emitter import Emitter
from marketplace.connectors.demo.store import Store
from marketplace.connectors.demo.storefront import Storefront
from seeds import gallery


class Command(BaseCommand):
    help = "Serve the demo storefront: a small mall with its own database, from which taken-down things vanish."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        env = os.environ.get
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8100)
        parser.add_argument("--data-dir", type=Path, required=True, help="folder for storefront.sqlite3")
        parser.add_argument("--token", default=env("DEMO_STOREFRONT_TOKEN", ""), help="bearer token of the operators' API (or DEMO_STOREFRONT_TOKEN)")  # fmt: skip
        parser.add_argument(
            "--events-url", default="", help="where to tell what sellers do: …/api/v1/marketplace/events"
        )
        parser.add_argument("--events-secret", default=env("DEMO_STOREFRONT_EVENTS_SECRET", ""), help="whsec_… that signs them (or DEMO_STOREFRONT_EVENTS_SECRET)")  # fmt: skip
        parser.add_argument("--slug", default="demo-mall", help="short name of this marketplace in ippro")
        parser.add_argument("--report-url", default="", help="address behind 'Report an infringement'")
        parser.add_argument("--threads", type=int, default=8)

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["token"]:
            raise CommandError("Give the operators' API a token: --token or DEMO_STOREFRONT_TOKEN.")
        if bool(options["events_url"]) != bool(options["events_secret"]):
            raise CommandError("--events-url and --events-secret belong together.")
        Server(options).run()


class Server(BaseApplication):
    """One gunicorn worker with threads: SQLite has one writer anyway, and one process is easily stopped."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        bind = f"{self.options['host']}:{self.options['port']}"
        for name, value in {
            "bind": bind, "workers": 1, "worker_class": "gthread", "threads": self.options["threads"], "keepalive": 30,
            "proc_name": "demo_storefront", "timeout": 60, "graceful_timeout": 5,
        }.items():  # fmt: skip
            self.cfg.set(name, value)
        if "control_socket_disable" in self.cfg.settings:
            self.cfg.set("control_socket_disable", True)

    def load(self) -> Storefront:
        """In the worker, after the fork: threads and connections belong to it."""
        options = self.options
        store = Store(options["data_dir"] / "storefront.sqlite3")
        front = Storefront(store, token=options["token"], report_url=options["report_url"], draw=gallery.named)
        if options["events_url"]:
            emitter = Emitter(store, url=options["events_url"], slug=options["slug"], secret=options["events_secret"])
            emitter.start()
            front.told, front.ask = emitter.wake, emitter.ask
        return front
