"""The command line's one map from errors to exit codes."""

from __future__ import annotations

import typer

from trial.core import errors

EXIT_CODES: dict[type[Exception], int] = {
    errors.BadInput: 2,
    errors.NotFound: 2,
    errors.Refused: 1,
    errors.AnalysisImpossible: 1,
    errors.Unavailable: 3,
    errors.EquipoiseError: 1,
}


def exit_code(error: Exception) -> int | None:
    """The code of the nearest ancestor in the map; None for what is not ours."""
    return next((EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES), None)


# what the optional part `full` brings
FULL_STACK = {"celery", "kombu", "psycopg", "redis"}


def in_our_words(error: Exception) -> Exception:
    """A place on the disk that cannot be used, or a part that is not installed, as an error of ours."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        mend = "Name another place, or mend this one."
        return errors.BadInput([errors.Problem(str(error.filename), None, None, f"{error.strerror}.", mend)])
    if isinstance(error, ModuleNotFoundError) and error.name in FULL_STACK:
        how = "install Equipoise with its part `full`: equipoise[full]"
        return errors.Unavailable(f"The package {error.name}", "the installation", how)
    return error


def report_error(error: Exception) -> int | None:
    """Say on standard error what is wrong, where and how to mend it; None where the error is not one of ours."""
    error = in_our_words(error)
    code = exit_code(error)
    if code is None:
        return None
    if isinstance(error, errors.BadInput):
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        count = len(error.problems)
        typer.echo(f"{count} problem{'' if count == 1 else 's'} found.", err=True)
    else:
        typer.echo(f"equipoise: {error}", err=True)
        if isinstance(error, errors.NotAllowed):
            typer.echo("Sign in as a member who may:  equipoise sign-in", err=True)
    return code
