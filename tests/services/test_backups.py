"""A backup is taken while people answer, put back elsewhere, and nobody gets a mail twice for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.services.post import LINK, Post
from tests.services.putting_back import QUIET, SECRET, returned, taken
from tests.services.scene import OPERATOR, Scene
from tests.storage.stores import KEYS, ON_POSTGRESQL, ON_SQLITE, content, opened
from trial.core.access import SYSTEM
from trial.core.delivery import ContactState
from trial.core.errors import BadInput, NotFound, Refused
from trial.core.links import make_token
from trial.core.trial import TrialKind
from trial.services import backups, resuming, trials
from trial.services.backups import Place
from trial.storage import archives, deliveries, exporting, keys, restored, schema, vault
from trial.storage.archives import Archive
from trial.storage.engine import sqlite_url
from trial.storage.sealed_files import Passphrase, make_pair, read_private, read_recipient
from trial.storage.work import Store

pytestmark = pytest.mark.usefixtures("quick_sealing")

OTHER = Passphrase("keys of the evening trial")


@contextmanager
def lying(store: Store) -> Iterator[Scene]:
    """The scene of a trial that lies in a database already."""
    scene = Scene.__new__(Scene)
    scene.store, scene.slug = store, "evenings"
    with store.open_work(SYSTEM, write=False) as work:
        scene.id = trials.find(work, "evenings").id
    yield scene


def test_every_row_comes_back_and_an_address_and_a_writing_can_be_read(
    store: Store, fresh: Store, tmp_path: Path
) -> None:
    scene = Scene(store)
    person = scene.enrol("robin@mailbox.example")
    before = content(store)
    backup = taken(store, tmp_path / "backups")
    assert "robin" not in str(backup.file.read_bytes())
    returned(backup, fresh)
    after = content(fresh)
    assert sum(map(len, before.values())) == backup.manifest.rows > 20
    for table in before.keys() - {"delivery", "event"}:
        assert after[table] == before[table], table
    assert after["event"][: len(before["event"])] == before["event"]
    with fresh.open_work(SYSTEM) as work:
        assert vault.address_of(work, person) == "robin@mailbox.example"
    with lying(fresh) as again:
        again.numbers, again.folder = iter(range(100, 200)), scene.folder
        assert again.enrol() == person + 1


@ON_POSTGRESQL
def test_a_backup_of_one_kind_of_database_is_read_by_the_other(store: Store, tmp_path: Path) -> None:
    Scene(store).enrol()
    backup = taken(store, tmp_path / "backups")
    with opened(sqlite_url(tmp_path / "elsewhere.sqlite")) as other:
        returned(backup, other)
        assert len(content(other)["answer_sheet"]) == 1


def _arriving(scene: Scene, at: str) -> archives.Show:
    """Somebody enrols while the backup has written the table of this name."""

    def show(table: str) -> None:
        if table == at:
            scene.enrol("late@mailbox.example")

    return show


def test_answers_that_arrive_while_it_runs_are_in_it_whole_or_not_at_all(
    store: Store, fresh: Store, tmp_path: Path
) -> None:
    scene = Scene(store)
    early = [scene.enrol() for _ in range(3)]
    backup = taken(store, tmp_path / "backups", _arriving(scene, "participant"))
    assert len(content(store)["participant"]) == 4
    returned(backup, fresh)
    found = content(fresh)
    assert [row["id"] for row in found["participant"]] == early
    assert sorted(row["participant_id"] for row in found["answer_sheet"]) == early
    assert sorted(row["participant_id"] for row in found["allocation"]) == early


@ON_SQLITE
def test_tables_that_are_read_one_after_the_other_without_a_snapshot_do_not_fit(store: Store) -> None:
    """The naive way, as a control: each table in a transaction of its own."""
    scene = Scene(store)
    early = scene.enrol()
    found: dict[str, list[str]] = {}
    with store.open_work(SYSTEM, write=False) as work:
        tables = exporting.tables_of(work.rows)
    for table in tables:
        with store.open_work(SYSTEM, write=False) as work:
            found[table.name] = list(exporting.lines_of(work.rows, table))
        if table.name == "participant":
            scene.enrol("late@mailbox.example")
    assert early and (len(found["participant"]), len(found["answer_sheet"])) == (1, 2)


def test_no_mail_leaves_twice_after_a_restore_until_a_person_releases_it(
    store: Store, fresh: Store, post: Post, tmp_path: Path
) -> None:
    scene = Scene(store)
    person = scene.enrol("robin@mailbox.example")
    post.deliver(scene)
    scene.move_to(scene.occasions(person)[0].opens_at)
    backup = taken(store, tmp_path / "backups")
    post.deliver(scene)
    sent = len(post.mails("robin@mailbox.example"))
    assert returned(backup, fresh) == {"evenings": 1}
    with lying(fresh) as after:
        assert post.deliver(after) == 0
        assert len(post.mails("robin@mailbox.example")) == sent
        held = [one for one in after.contacts() if one.state is ContactState.HELD]
        assert [one.reason for one in held] == ["restored"]
        with fresh.open_work(OPERATOR, write=False) as work:
            shown = resuming.of_restored(work, "evenings")
        assert (shown.count, shown.go_out) == (1, 1)
        assert shown.oldest == shown.newest == held[0].due_at
        with fresh.open_work(OPERATOR) as work:
            assert backups.release(work, "evenings") == 1
        assert post.deliver(after) == 1
        assert len(post.mails("robin@mailbox.example")) == sent + 1
        assert after.events()[-2:] == ["restored", "released"]
        with fresh.open_work(OPERATOR) as work, pytest.raises(Refused, match="Nothing of evenings is held"):
            backups.release(work, "evenings")


@ON_SQLITE
def test_a_restore_that_holds_nothing_sends_a_mail_again(
    store: Store, fresh: Store, post: Post, tmp_path: Path
) -> None:
    """The naive way, as a control: the rows as they were, and the worker goes on."""
    scene = Scene(store)
    person = scene.enrol("robin@mailbox.example")
    post.deliver(scene)
    scene.move_to(scene.occasions(person)[0].opens_at)
    backup = taken(store, tmp_path / "backups")
    post.deliver(scene)
    sent = len(post.mails("robin@mailbox.example"))
    archive = Archive(backup.file, SECRET)
    with archives.put_in_place(Store(fresh.engine, KEYS), OPERATOR, archive, archive.manifest(), QUIET):
        pass
    with lying(Store(fresh.engine, KEYS)) as after:
        post.deliver(after)
    assert len(post.mails("robin@mailbox.example")) == sent + 1


@ON_SQLITE
def test_the_end_of_a_pause_does_not_release_what_a_restore_holds(store: Store, tmp_path: Path) -> None:
    scene = Scene(store)
    scene.enrol()
    with store.open_work(SYSTEM) as work:
        scene_due = work.now
        restored.hold(work)
    with store.open_work(OPERATOR) as work:
        trials.pause(work, "evenings")
        trials.resume(work, "evenings")
        assert scene_due and restored.count(work, scene.id) == 1


@ON_SQLITE
def test_a_link_from_after_the_backup_opens_nothing_that_came_later(store: Store, fresh: Store, tmp_path: Path) -> None:
    scene = Scene(store)
    scene.enrol()
    backup = taken(store, tmp_path / "backups")
    scene.enrol("lost@mailbox.example")
    newest = scene.contacts()[-1]
    newest_id = max(one.id for one in scene.contacts())
    returned(backup, fresh)
    with lying(fresh) as after:
        after.numbers, after.folder = iter(range(100, 200)), scene.folder
        after.enrol("other@mailbox.example")
        assert newest and newest_id in {one.id for one in after.contacts()}, "the ids are given out once more"
        with fresh.open_work(SYSTEM) as work:
            assert deliveries.by_token(work, make_token(KEYS, newest_id, 1)) is None
            assert deliveries.by_token(work, make_token(fresh.keys, newest_id, 1)) is not None


@ON_SQLITE
def test_a_mail_that_was_planned_before_the_backup_leaves_with_a_link_that_opens(
    store: Store, fresh: Store, post: Post, tmp_path: Path
) -> None:
    scene = Scene(store)
    person = scene.enrol("robin@mailbox.example")
    returned(taken(store, tmp_path / "backups"), fresh)
    with lying(fresh) as after:
        with fresh.open_work(OPERATOR) as work:
            backups.release(work, "evenings")
        after.move_to(scene.occasions(person)[0].opens_at)
        post.deliver(after)
        links = [LINK.search(one.text) for one in post.mails("robin@mailbox.example")]
        tokens = [found[1] for found in links if found]
        assert tokens
        with fresh.open_work(SYSTEM) as work:
            assert all(deliveries.by_token(work, one) for one in tokens)


def test_a_database_that_holds_a_trial_is_not_replaced_unasked(store: Store, fresh: Store, tmp_path: Path) -> None:
    scene = Scene(store, kind=TrialKind.TEST)
    backup = taken(store, tmp_path / "backups")
    scene.enrol()
    now = content(store)
    with pytest.raises(Refused, match="--replace"):
        returned(backup, store)
    assert content(store) == now
    returned(backup, store, replace=True)
    assert content(store)["participant"] == []
    archive = Archive(backup.file, SECRET)
    manifest, strange = archive.manifest(), Store(fresh.engine, keys.Keys(*[b"x" * 32] * 5))
    with pytest.raises(Refused, match="do not belong"):
        backups.put_back(strange, OPERATOR, archive, manifest, replace=False, show=QUIET)
    assert schema.current(fresh.engine) is None


def test_what_cannot_be_put_back_leaves_the_database_as_it_was(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Scene(store).enrol()
    backup = taken(store, tmp_path / "backups")
    now = content(store)
    monkeypatch.setattr(archives, "summed", lambda _: exporting.Summed(0, ""))
    with pytest.raises(Refused, match="not what was saved"):
        returned(backup, store)
    assert content(store) == now


class TestTheFiles:
    """What lies in the folder, on one database: the files are the same for both."""

    @pytest.fixture
    def backup(self, shared_sqlite: tuple[Store, Path], tmp_path: Path) -> Iterator[backups.BackedUp]:
        with opened(sqlite_url(tmp_path / "here.sqlite")) as here:
            schema.upgrade(here.engine)
            Scene(here).enrol()
            yield backups.back_up(
                here, OPERATOR, Place(tmp_path / "data", [SECRET]), Place(tmp_path / "keys", [OTHER]), QUIET
            )

    @pytest.mark.parametrize("damage", ["a byte", "the end", "a chunk", "more"])
    def test_a_backup_that_was_tampered_with_is_refused(self, backup: backups.BackedUp, damage: str) -> None:
        whole = backup.file.read_bytes()
        at = whole.index(b"\n", whole.index(b"\n") + 1) + 100
        changed = {
            "a byte": whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :],
            "the end": whole[: at + 1],
            "a chunk": whole[: at - 100],
            "more": whole + b"x",
        }[damage]
        backup.file.write_bytes(changed)
        with pytest.raises(BadInput, match="damaged"):
            Archive(backup.file, SECRET).manifest()

    def test_another_passphrase_opens_nothing(self, backup: backups.BackedUp) -> None:
        with pytest.raises(BadInput, match="does not open"):
            Archive(backup.file, OTHER).manifest()

    def test_the_checksum_beside_it_is_that_of_the_file(self, backup: backups.BackedUp) -> None:
        said = backup.file.with_suffix(".sha256").read_text().split()
        assert said == [backups.digest_of(backup.file), backup.file.name]

    def test_the_keys_lie_apart_under_a_secret_of_their_own(self, backup: backups.BackedUp) -> None:
        assert backup.keys_file is not None and backup.keys_file.parent != backup.file.parent
        assert keys.read_copy(backup.keys_file, OTHER) == KEYS
        with pytest.raises(BadInput, match="does not open"):
            keys.read_copy(backup.keys_file, SECRET)
        with pytest.raises(BadInput, match="no copy of keys"):
            keys.read_copy(backup.file, SECRET)

    @pytest.mark.parametrize(
        ("where", "secret", "said"),
        [("data", OTHER, "one place"), ("data/keys", OTHER, "one place"), ("keys", SECRET, "one passphrase")],
    )
    def test_keys_are_not_written_where_the_data_lie_or_under_the_same_secret(
        self, tmp_path: Path, where: str, secret: Passphrase, said: str
    ) -> None:
        place = Place(tmp_path / where, [secret])
        with opened(sqlite_url(tmp_path / "here.sqlite")) as here, pytest.raises(BadInput, match=said):
            backups.back_up(here, OPERATOR, Place(tmp_path / "data", [SECRET]), place, QUIET)
        assert not (tmp_path / "data").exists()

    def test_a_custodian_opens_with_their_private_key_and_nobody_with_the_public_one(self, tmp_path: Path) -> None:
        private, public = (tmp_path / name for name in ("custodian", "custodian.pub"))
        own, everybodys = make_pair("a long sentence")
        private.write_bytes(own)
        public.write_bytes(everybodys)
        keys.write_copy(KEYS, tmp_path / "copy", [read_recipient(public)])
        assert keys.read_copy(tmp_path / "copy", read_private(private, "a long sentence")) == KEYS
        for path, words in ((private, "another"), (public, "a long sentence")):
            with pytest.raises(BadInput, match="does not open"):
                read_private(path, words)
        with pytest.raises(BadInput, match="no public key"):
            read_recipient(private)
        stranger = tmp_path / "stranger"
        stranger.write_bytes(make_pair("words")[0])
        with pytest.raises(BadInput, match="does not open"):
            keys.read_copy(tmp_path / "copy", read_private(stranger, "words"))


@ON_SQLITE
def test_an_erased_person_is_not_what_a_drill_reads(store: Store) -> None:
    scene = Scene(store)
    with store.open_work(SYSTEM) as work:
        assert backups.read_one_identity(work) is None
    first, _ = scene.enrol(), scene.enrol()
    with store.open_work(SYSTEM) as work:
        vault.destroy(work, first)
        with pytest.raises(NotFound):
            vault.address_of(work, first)
        assert backups.read_one_identity(work) is True
    with store.engine.begin() as rows:
        assert rows.execute(text("select count(*) from participant")).scalar_one() == 2
