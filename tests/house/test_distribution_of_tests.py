"""What several files of tests look at is made once, which holds only where one process runs them all."""

from tests.distribution import THE_WHOLE_TRIAL
from tests.house.repository import files, read

# written in pieces, so that this file does not find itself
ASKING = tuple("whole_" + one for one in ("trial", "evidence"))


def test_whoever_looks_at_the_whole_trial_runs_where_it_was_lived() -> None:
    imports = "from tests.system.commands import"
    asking = [
        path.as_posix()
        for path in files()
        if path.parts[0] == "tests" and path.name.startswith("test_")
        for line in read(path).splitlines()
        if line.startswith(imports) and any(one in line for one in ASKING)
    ]
    assert sorted(set(asking)) == sorted(THE_WHOLE_TRIAL)
