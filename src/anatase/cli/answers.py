"""Print and write the answers of identification: tables, JSON, reports, the summary of many files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from anatase.errors import AnataseError, InputError
from anatase.identify import Identification
from anatase.identify.many import Options, identify_file, identify_files, identify_sample
from anatase.report.document import to_dict, to_json
from anatase.report.html import write_html
from anatase.report.joint_document import joint_to_dict
from anatase.report.joint_html import write_joint_html
from anatase.report.joint_table import joint_table
from anatase.report.summary import write_summary
from anatase.report.table import identification_table

__all__ = ["Output", "answer_files", "answer_sample"]


@dataclass(frozen=True)
class Output:
    """Where answers go: JSON or a table on stdout, reports in a folder."""

    as_json: bool
    report: Path | None
    quiet: bool


def answer_files(files: Sequence[str], options: Sequence[Options], output: Output) -> int:
    """Identify files and show the answers; return the exit code: 1 when any file was refused."""
    answers: list[Identification] = []
    refused: list[tuple[str, str]] = []
    names: set[str] = set()
    for path, answer in _answers(files, options, output):
        if isinstance(answer, AnataseError):
            if len(files) == 1:
                raise answer
            click.echo(f"error: {answer}", err=True)
            refused.append((path, str(answer)))
            continue
        answers.append(answer)
        _show(_report_name(path, names), answer, output)
    if output.as_json:
        text = to_json(answers[0]) if len(files) == 1 else json.dumps([to_dict(a) for a in answers], indent=2)
        click.echo(text.rstrip("\n"))
    if output.report is not None and len(files) > 1:
        write_summary(answers, output.report / "summary.csv", refused)
        click.echo(f"summary: {output.report / 'summary.csv'}", err=True)
    return 1 if refused else 0


def _answers(
    files: Sequence[str], options: Sequence[Options], output: Output
) -> Iterator[tuple[str, Identification | AnataseError]]:
    console = Console(stderr=True)
    if len(files) == 1:
        with _status(console, output) as tell:
            answer = identify_file(files[0], options[0], tell)
        yield files[0], answer
        return
    with Progress(console=console, disable=output.quiet or not console.is_terminal) as progress:
        task = progress.add_task("identifying", total=len(files))
        for item in identify_files(files, options):
            yield item
            progress.advance(task)


@contextmanager
def _status(console: Console, output: Output) -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is being done."""
    if output.quiet or not console.is_terminal:
        yield lambda text: None
        return
    with console.status("reading") as status:
        yield status.update


def answer_sample(files: Sequence[str], options: Sequence[Options], output: Output) -> int:
    """Identify the phases of one sample from all files, and show the answer; return the exit code.

    Raises
    ------
    InputError
        When a file cannot be used, or a range is given: the axes of the patterns may differ.
    """
    if options[0].range is not None:
        raise InputError("--range means nothing with --joint", "leave it out")
    with _status(Console(stderr=True), output) as tell:
        answer = identify_sample(files, options, tell)
    if output.as_json:
        click.echo(json.dumps(joint_to_dict(answer), indent=2, ensure_ascii=False, allow_nan=False))
    elif not (output.quiet and output.report is not None):
        Console().print(joint_table(answer))
    if output.report is not None:
        target = output.report / f"{'+'.join(Path(path).stem for path in files)}.html"
        write_joint_html(answer, target)
        click.echo(f"report: {target}", err=output.as_json)
    return 0


def _report_name(path: str, taken: set[str]) -> str:
    """Return a file name for the report: the pattern's stem, numbered where two files share it."""
    stem = Path(path).stem
    name, n = stem, 1
    while name in taken:
        n += 1
        name = f"{stem}-{n}"
    taken.add(name)
    return f"{name}.html"


def _show(name: str, answer: Identification, output: Output) -> None:
    if not output.as_json and not (output.quiet and output.report is not None):
        Console().print(identification_table(answer))
    if output.report is not None:
        target = output.report / name
        write_html(answer, target)
        click.echo(f"report: {target}", err=output.as_json)
