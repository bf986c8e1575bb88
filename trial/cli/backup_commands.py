"""The words of `equipoise backup`, `restore`, `drill`, `release` and `keys …`; what they do is loaded when they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trial.cli.options import Alone, Approve, Ask, Database, Home, TrialName

keys = typer.Typer(no_args_is_help=True, help="The keys of an installation: copies that open without this machine.")

PassphraseFile = Annotated[
    Path | None, typer.Option(help="File with the passphrase; else it is asked for.", show_default=False)
]
Recipients = Annotated[
    list[Path] | None,
    typer.Option("--recipient", help="Public key of who may open it, instead of a passphrase.", show_default=False),
]
PrivateKey = Annotated[
    Path | None,
    typer.Option(
        help="Private key that opens it; the passphrase is then the key's own.", show_default=False, metavar="FILE"
    ),
]
KeysPassphraseFile = Annotated[
    Path | None, typer.Option(help="The same for the copy of the keys: another passphrase.", show_default=False)
]
KeysPrivateKey = Annotated[
    Path | None, typer.Option(help="The same for the copy of the keys.", show_default=False, metavar="FILE")
]
Keys = Annotated[
    Path | None, typer.Option("--keys", help="Copy of the keys; else those in the home.", show_default=False)
]


def backup(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for backups.")],
    passphrase_file: PassphraseFile = None,
    recipient: Recipients = None,
    keys_to: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Another place, for a copy of the keys.", show_default=False)
    ] = None,
    keys_passphrase_file: KeysPassphraseFile = None,
    keys_recipient: Annotated[
        list[Path] | None, typer.Option(help="Public key of who may open the copy of the keys.", show_default=False)
    ] = None,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Back up the database while it runs, encrypted.

    Everything as one moment saw it. The keys are not in it: with --keys-to a copy of them goes to another place, under
    a secret of its own. Without keys a backup cannot be read.

    Example:  equipoise backup /mnt/backups --passphrase-file secret.txt --home my-home
    """
    from trial.cli.backups import back_up
    from trial.cli.secrets_given import Given

    data = Given("the backup", "--passphrase-file", passphrase_file, tuple(recipient or ()))
    copy = Given("the copy of the keys", "--keys-passphrase-file", keys_passphrase_file, tuple(keys_recipient or ()))
    back_up(directory, data, keys_to, copy, home=home, database_url=database_url)


def restore(
    backup: Annotated[Path, typer.Argument(metavar="BACKUP", help="A backup, or a folder: its newest.")],
    passphrase_file: PassphraseFile = None,
    private_key: PrivateKey = None,
    keys: Keys = None,
    keys_passphrase_file: KeysPassphraseFile = None,
    keys_private_key: KeysPrivateKey = None,
    replace: Annotated[bool, typer.Option("--replace", help="Also where the database holds a trial.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without this it is shown only.")] = False,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Put a backup back.

    First it shows what it holds and what it would replace; with --yes it is done, whole or not at all. Stop every
    service before. Mails that were due are then held until `equipoise release`; links and sessions given out after the
    backup are worth nothing.

    Example:  equipoise restore /mnt/backups --passphrase-file secret.txt --keys my.keys --home new-home --yes
    """
    from trial.cli.backups import Wanted, put_back
    from trial.cli.secrets_given import Given

    data = Given("the backup", "--passphrase-file", passphrase_file, private_key=private_key)
    copy = Given("the copy of the keys", "--keys-passphrase-file", keys_passphrase_file, private_key=keys_private_key)
    put_back(Wanted(backup, data, keys, copy, replace, yes), home=home, database_url=database_url)


def drill(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for backups.")],
    passphrase_file: PassphraseFile = None,
    private_key: PrivateKey = None,
    keys: Keys = None,
    keys_passphrase_file: KeysPassphraseFile = None,
    keys_private_key: KeysPrivateKey = None,
    into: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="An empty database; else one of the same kind, gone afterwards.", show_default=False
        ),
    ] = None,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Take a backup and see that it can be put back.

    It is put into a fresh place, every row is compared, one address is opened with the keys. What was seen counts as
    evidence for the opening gate of each trial here.

    Example:  equipoise drill /mnt/backups --passphrase-file secret.txt --home my-home
    """
    from trial.cli.backups import run_drill
    from trial.cli.secrets_given import Given

    data = Given("the backup", "--passphrase-file", passphrase_file, private_key=private_key)
    copy = Given("the copy of the keys", "--keys-passphrase-file", keys_passphrase_file, private_key=keys_private_key)
    run_drill(directory, data, keys, copy, into, home=home, database_url=database_url)


def release(
    trial: TrialName,
    yes: Annotated[bool, typer.Option("--yes", help="Do it, in a test trial. Without this it is shown only.")] = False,
    ask: Ask = None,
    approve: Approve = False,
    alone: Alone = False,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Release the mails that a restore holds.

    First it shows which would go out. What was sent between the backup and its return is not known: look there before.
    In a live trial it takes two members: one asks, another approves.

    Example:  equipoise release my-trial --yes
    """
    from trial.cli.sending_again import Wish
    from trial.cli.sending_again import release as run

    run(trial, Wish(ask, approve, alone, yes), home=home, database_url=database_url)


@keys.command("custodian")
def custodian(
    file: Annotated[Path, typer.Argument(help="The private key; the public one is written to FILE.pub.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a custodian's pair of keys.

    On the custodian's own machine: the private half never needs to be anywhere else.

    Example:  equipoise keys custodian custodian-of-my-trial
    """
    from trial.cli.backups import make_custodian
    from trial.cli.secrets_given import Given

    make_custodian(file, Given("the private key", "--passphrase-file", passphrase_file))


@keys.command("escrow")
def escrow(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the custodian's copy goes.")],
    recipient: Annotated[list[Path], typer.Option(help="The custodian's public key.")],
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Write a copy of the keys for the custodian.

    It opens with the custodian's private key alone. Counts as evidence for the opening gate of each trial here.

    Example:  equipoise keys escrow /mnt/custodian --recipient custodian-of-my-trial.pub
    """
    from trial.cli.backups import escrow_keys
    from trial.cli.secrets_given import Given

    given = Given("the copy of the keys", "--recipient", recipients=tuple(recipient))
    escrow_keys(directory, given, home=home, database_url=database_url)
