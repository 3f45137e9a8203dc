"""The connectors that ship with ippro, by name."""

from django.utils.module_loading import import_string

from marketplace.connectors.base import Connection, Connector

CONNECTORS = {
    "demo": "marketplace.connectors.demo.connector.DemoConnector",
    "vendure": "marketplace.connectors.vendure.connector.VendureConnector",
    "webhook": "marketplace.connectors.webhook.connector.WebhookConnector",
}


def connect(name: str, connection: Connection) -> Connector:
    """A connector of that name for one marketplace; KeyError for a name that is not registered."""
    return import_string(CONNECTORS[name])(connection)
