"""The performance contract: budgets as data, verdicts, objectives, recommendations. Imports only `core`."""

from .advice import advise
from .budgets import Budget, Direction, Level, Profile, Thresholds
from .derive import Derived, derive
from .files import DEFAULT, SHIPPED, load_profile
from .metrics import Kind, Metric, Source
from .provenance import Origin, Provenance
from .recommend import Case, Recommendation, WhatIf, ranked, recommend
from .severity import Severity
from .slo import Slo, slos
from .verdict import Figure, Measurement, Outcome, Verdict, judge, judge_all, judge_turn, loosest, worst

__all__ = [
    "DEFAULT",
    "SHIPPED",
    "Budget",
    "Case",
    "Derived",
    "Direction",
    "Figure",
    "Kind",
    "Level",
    "Measurement",
    "Metric",
    "Origin",
    "Outcome",
    "Profile",
    "Provenance",
    "Recommendation",
    "Severity",
    "Slo",
    "Source",
    "Thresholds",
    "Verdict",
    "WhatIf",
    "advise",
    "derive",
    "judge",
    "judge_all",
    "judge_turn",
    "load_profile",
    "loosest",
    "ranked",
    "recommend",
    "slos",
    "worst",
]
