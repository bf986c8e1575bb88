"""`equipoise instruments`: the scales, and official wording put into a trial's own folder or left out of it."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import LOCATED, Shell
from trial.protocol_files import read_folder, shipped

PROTOCOL = "shapira-mongrain-2010"
# five sentences that no scale holds
MADE_UP = [f"Made-up sentence number {word}." for word in ("one", "two", "three", "four", "five")]
FILL = ("instruments", "fill", "swls", "--from", "items.txt", "--protocol", "my-trial")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A trial's folder, and a file with the wording of one scale beside it."""
    (tmp_path / "items.txt").write_text("\n".join(f"{n}. {text}" for n, text in enumerate(MADE_UP, 1)))
    return Path(shutil.copytree(shipped(PROTOCOL), tmp_path / "my-trial"))


def test_the_list_tells_whose_words_each_scale_is_in(equipoise: Shell) -> None:
    lines = equipoise("instruments", "list").out.splitlines()
    codes = sorted(path.stem for path in shipped("instruments").glob("*.yaml"))
    assert [line.split()[0] for line in lines] == codes
    assert any(line.startswith("swls ") and "5 items" in line and "topics only" in line for line in lines)
    assert any(line.startswith("about_you ") and "our own words" in line for line in lines)


def test_a_scale_is_shown_with_key_source_and_permission(equipoise: Shell) -> None:
    said = equipoise("instruments", "show", "cesd").out
    assert "reversed: 4, 8, 12, 16" in said and "Radloff" in said and "permission  free to use" in said
    assert "there is no instrument 'cesdd'. Did you mean 'cesd'?" in equipoise.refused(
        2, "instruments", "show", "cesdd"
    )
    assert "there is no instrument" in equipoise.refused(2, "instruments", "show", "../../etc/passwd")


def test_filled_wording_stands_in_the_trials_own_folder_and_the_trial_stays_sound(
    equipoise: Shell, folder: Path
) -> None:
    done = equipoise(*FILL, "--yes")
    assert done.code == 0, done
    read = read_folder(folder)
    assert read.instruments["swls"].wording == "official"
    assert [item.words for item in read.instruments["swls"].items] == [{"en": text} for text in MADE_UP]
    assert [one.name for one in (folder / "instruments").iterdir()] == ["swls.yaml"]
    assert equipoise("check", "my-trial").code == 0
    assert "official wording" in equipoise("instruments", "show", "swls", "--protocol", "my-trial").out


def test_the_preview_names_item_topic_wording_source_and_permission_before_anything_is_written(
    equipoise: Shell, folder: Path
) -> None:
    done = equipoise(*FILL, "--dry-run")
    assert done.code == 0 and "Nothing was written: --dry-run." in done.out
    assert "read as pasted text" in done.out and "Diener" in done.out and "permission  free to use" in done.out
    assert f"     2  Good circumstances\n        {MADE_UP[1]}\n" in done.out
    assert not (folder / "instruments").exists()


def test_without_a_person_at_the_keyboard_nothing_is_written_unless_yes_is_said(equipoise: Shell, folder: Path) -> None:
    done = equipoise(*FILL)
    assert done.code == 1 and "say --yes" in done.err
    assert not (folder / "instruments").exists()


@pytest.mark.parametrize(("answer", "written"), [("y\n", True), ("n\n", False)])
def test_a_person_at_the_keyboard_is_asked(
    equipoise: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch, answer: str, written: bool
) -> None:
    class Keyboard(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Keyboard(answer))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    done = equipoise(*FILL)
    assert "are you allowed to use the scale?" in done.out
    assert (folder / "instruments" / "swls.yaml").exists() is written and done.code == (0 if written else 1)


def test_pasted_text_comes_from_standard_input(equipoise: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join(MADE_UP).encode())))
    done = equipoise("instruments", "fill", "swls", "--from", "-", "--protocol", "my-trial", "--yes")
    assert done.code == 0 and done.out.startswith("pasted text: read as pasted text")
    assert read_folder(folder).instruments["swls"].items[4].words == {"en": MADE_UP[4]}


def test_a_file_of_ones_own_is_kept_beside_the_new_one_and_said_to_be(equipoise: Shell, folder: Path) -> None:
    equipoise(*FILL, "--yes")
    own = folder / "instruments" / "swls.yaml"
    first = own.read_text() + "# my own note\n"
    own.write_text(first)
    done = equipoise(*FILL, "--yes")
    assert "the file there is kept as swls.yaml.bak" in done.out
    assert (folder / "instruments" / "swls.yaml.bak").read_text() == first
    assert "# my own note" in own.read_text()
    assert "swls.yaml.bak2" in equipoise(*FILL, "--yes").out
    assert (folder / "instruments" / "swls.yaml.bak").read_text() == first
    assert sorted(one.name for one in (folder / "instruments").iterdir()) == [
        "swls.yaml", "swls.yaml.bak", "swls.yaml.bak2",
    ]  # fmt: skip


def test_wording_that_does_not_fit_is_told_by_line_and_nothing_is_written(equipoise: Shell, folder: Path) -> None:
    Path("items.txt").write_text("1. One.\n2. Two.\n2. Three.\n9. Four.\n")
    *problems, count = equipoise.refused(2, *FILL, "--yes").splitlines()
    assert count == "5 problems found." and all(LOCATED.match(one) for one in problems), problems
    assert any(one.startswith("items.txt:3: ") for one in problems)
    assert any(one.startswith("items.txt:4: ") for one in problems)
    assert not (folder / "instruments").exists()


def test_own_words_have_no_official_wording(equipoise: Shell, folder: Path) -> None:
    said = equipoise.refused(1, "instruments", "fill", "about_you", "--from", "items.txt", "--protocol", "my-trial")
    assert "our own words" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("swls", "--from", "nosuch.csv", "--protocol", "my-trial"), "there is no such file"),
        (("swls", "--from", "items.txt", "--protocol", "elsewhere"), "no protocol.yaml here"),
        (("swsl", "--from", "items.txt", "--protocol", "my-trial"), "Did you mean 'swls'?"),
        (("swls", "--from", "items.txt", "--protocol", "my-trial", "--language", "English"), "no language"),
    ],
)
def test_a_slip_is_named(equipoise: Shell, folder: Path, words: tuple[str, ...], said: str) -> None:
    assert said in equipoise.refused(2, "instruments", "fill", *words)


def test_a_trial_whose_scales_show_topics_is_not_opened_and_each_is_named_with_its_command(
    equipoise: Shell, folder: Path, tmp_path: Path
) -> None:
    equipoise(*FILL, "--yes")
    said = equipoise.refused(1, "open", "my-trial", "--test", "--home", "home")
    for code in ("cesd", "scs_sf"):
        assert f"equipoise instruments fill {code} --from FILE --protocol DIR" in said
    assert "fill swls" not in said and "fill about_you" not in said and "--placeholder-wording" in said
    assert not (tmp_path / "home").exists()


def test_a_test_trial_may_show_topics_where_that_is_said(equipoise: Shell, folder: Path) -> None:
    done = equipoise("open", "my-trial", "--test", "--placeholder-wording", "--home", "home")
    assert done.code == 0


def test_a_trial_with_all_its_wording_opens_without_the_word(equipoise: Shell, folder: Path) -> None:
    for code, count in (("cesd", 20), ("swls", 5), ("scs_sf", 12)):
        Path("some.txt").write_text("\n".join(f"{n}. Sentence {code} {n}." for n in range(1, count + 1)))
        fill = ("instruments", "fill", code, "--from", "some.txt", "--protocol", "my-trial", "--yes")
        assert equipoise(*fill).code == 0
    assert equipoise("open", "my-trial", "--test", "--home", "home").code == 0


def test_a_language_of_the_trial_that_the_wording_lacks_is_named(equipoise: Shell, folder: Path) -> None:
    equipoise(*FILL, "--yes")
    file = folder / "protocol.yaml"
    file.write_text(file.read_text().replace("languages: [en]", "languages: [en, de]"))
    said = equipoise.refused(2, "check", "my-trial")
    assert "the official wording of 'swls' is not written in 'de'" in said and "--language de" in said
