"""The zone of the team is one that exists."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trial.core.protocol.administrative import Administrative


def test_a_zone_that_is_none_is_refused() -> None:
    office = {"contact_name": "The team", "contact_email": "team@trial.example"}
    assert Administrative.model_validate({**office, "time_zone": "Europe/Amsterdam"}).time_zone == "Europe/Amsterdam"
    for wrong in ("Amsterdam", "CEST", "../etc/passwd", "UTC+1"):
        with pytest.raises(ValidationError, match="this is no time zone"):
            Administrative.model_validate({**office, "time_zone": wrong})
