"""The rules as a whole: each applied once, each citing its number."""

from __future__ import annotations

import inspect
import re

import pytest

from gate.lanes.rules import binding, declared, identity, vehicle
from gate.lanes.rules.decide import RULES
from tests.lanes.test_rules import CASES, POLICY, STRICT

FUNCTIONS = {
    name: function
    for module in (binding, declared, identity, vehicle)
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if name.startswith(("rule_", "law_")) and function.__module__ == module.__name__
}


def test_every_rule_is_applied_once() -> None:
    """A provision that was written but not applied would be no provision."""
    assert set(FUNCTIONS.values()) == set(RULES)
    assert len(RULES) == len(set(RULES))


@pytest.mark.parametrize("name", sorted(name for name in FUNCTIONS if name.startswith("rule_")))
def test_a_rule_cites_its_number(name: str) -> None:
    """rule_8_0_1_plate says 8.0.1 in its docstring, and so does every finding it makes."""
    numbered = re.match(r"rule_((?:\d+_)+)", name)
    assert numbered is not None
    provision = numbered[1].rstrip("_").replace("_", ".")
    function = FUNCTIONS[name]
    assert (function.__doc__ or "").startswith(provision)
    findings = [
        finding for policy in (POLICY, STRICT) for case in CASES for finding in function(case.facts, policy)
    ]
    assert findings, "no case of test_rules makes this rule speak"
    assert {finding.rule for finding in findings} == {provision}
