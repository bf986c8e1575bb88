"""The keys outside the database: made on the first run, kept for ever, readable by one account."""

from __future__ import annotations

import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest

from trial.core.errors import BadInput
from trial.storage.keys import Keys, load_keys

NAMES = {"vault.key", "index.key", "sealing.key", "link.key", "cookie.key"}


def as_dict(keys: Keys) -> dict[str, bytes]:
    return asdict(keys)


def test_the_first_run_makes_five_keys_and_the_next_reads_the_same(tmp_path: Path) -> None:
    made = load_keys(tmp_path / "home" / "keys")
    assert {path.name for path in (tmp_path / "home" / "keys").iterdir()} == NAMES
    assert all(len(key) == 32 for key in as_dict(made).values())
    assert len(set(as_dict(made).values())) == 5
    assert as_dict(load_keys(tmp_path / "home" / "keys")) == as_dict(made)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_no_other_account_can_read_them(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        load_keys(tmp_path / "keys")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()} == {0o600}


def test_a_key_that_is_missing_is_made_and_the_others_stay(tmp_path: Path) -> None:
    first = as_dict(load_keys(tmp_path))
    (tmp_path / "cookie.key").unlink()
    second = as_dict(load_keys(tmp_path))
    assert {name for name in first if first[name] != second[name]} == {"cookie"}


@pytest.mark.parametrize("text", ["", "ab", "zz" * 32, "00" * 31, "00" * 33])
def test_a_file_that_holds_no_key_is_never_taken_for_one(tmp_path: Path, text: str) -> None:
    load_keys(tmp_path)
    (tmp_path / "vault.key").write_text(text)
    with pytest.raises(BadInput, match=r"vault\.key: .* Put the file back"):
        load_keys(tmp_path)
    assert (tmp_path / "vault.key").read_text() == text


def test_two_installations_share_no_key(tmp_path: Path) -> None:
    one, other = (set(as_dict(load_keys(tmp_path / name)).values()) for name in ("one", "other"))
    assert not one & other


def test_processes_that_start_together_agree_on_the_keys(tmp_path: Path) -> None:
    """The first run may be a web process and two workers at once."""
    with ThreadPoolExecutor(6) as pool:
        for number in range(20):
            folder, barrier = tmp_path / str(number), threading.Barrier(6)

            def start(folder: Path = folder, barrier: threading.Barrier = barrier) -> dict[str, bytes]:
                barrier.wait()
                return as_dict(load_keys(folder))

            first, *others = [one.result() for one in [pool.submit(start) for _ in range(6)]]
            assert all(one == first for one in others)
            assert {path.name for path in folder.iterdir()} == NAMES


def test_keys_do_not_show_themselves_in_a_log(tmp_path: Path) -> None:
    keys = load_keys(tmp_path)
    assert not any(key.hex() in repr(keys) or repr(key) in repr(keys) for key in as_dict(keys).values())
