"""What changes from one version of a trial to the next, in plain language and by class."""

from trial.core.amendment.changes import Amendment, Change, ChangeClass, Chapter
from trial.core.amendment.compare import Version, compare
from trial.core.amendment.policy import POLICY, Rule, table

__all__ = ["POLICY", "Amendment", "Change", "ChangeClass", "Chapter", "Rule", "Version", "compare", "table"]
