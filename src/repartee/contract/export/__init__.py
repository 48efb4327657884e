"""The contract for other programs: Prometheus rules, a Grafana dashboard, OpenSLO documents. All generated."""

from .grafana import dashboard
from .openslo import budgets_in, documents
from .rules import rules_document

__all__ = ["budgets_in", "dashboard", "documents", "rules_document"]
