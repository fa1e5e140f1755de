"""The finance plan's things, with their constraints and querysets. None of them knows a request."""

from .entries import Entry, WrittenOnce
from .plan import Comparison, Figure, Indicator, Item, ItemList, Plan, System, Task, Unit
from .rules import Pin, Rule
from .steps import Consequence, Disclosure, Evaluation, Evidence, Milestone, Progress, Report

__all__ = [
    "Comparison",
    "Consequence",
    "Disclosure",
    "Entry",
    "Evaluation",
    "Evidence",
    "Figure",
    "Indicator",
    "Item",
    "ItemList",
    "Milestone",
    "Pin",
    "Plan",
    "Progress",
    "Report",
    "Rule",
    "System",
    "Task",
    "Unit",
    "WrittenOnce",
]
