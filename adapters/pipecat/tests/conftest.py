"""The service, its speakers and the report for the gate, the same for every Python package here."""

from service_fixtures import *  # noqa: F403
