"""The three connectors that ship with ippro keep every promise of the conformance kit."""

import pytest

from marketplace.connectors.conformance import Conformance
from tests.marketplace import harnesses


class TestDemo(Conformance):
    harness_class = harnesses.Demo


class TestWebhook(Conformance):
    harness_class = harnesses.Webhook


@pytest.mark.vendure
class TestVendure(Conformance):
    harness_class = harnesses.RealVendure
