"""Index many files over several processes, each file under a time limit."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from anatase.library.entry import Record, Refusal
from anatase.library.worker import from_message

__all__ = ["FileTask", "index_files"]

STRUCTURE_LIMIT = 60.0  # seconds for one structure
AHEAD = 32  # files for each process that may wait behind a slow one
START_LIMIT = 120.0  # seconds for the first answer of a process, which includes its start


@dataclass(frozen=True, slots=True)
class FileTask:
    """A file to index: where it is, what to call it, the id of its structure, and its size and time of change in ns."""

    path: Path
    file: str
    library_id: str
    stamp: tuple[int, int] = (0, 0)


class _Worker:
    """One indexing process; it is started when it is first needed and anew after a file broke it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115, closed with the worker
        self._fresh = True

    def run(self, task: FileTask) -> list[Record | Refusal]:
        process = self._process or self._start()
        assert process.stdin is not None  # noqa: S101, for the type checker: both are pipes
        assert process.stdout is not None  # noqa: S101
        request = {"path": str(task.path), "file": task.file, "library_id": task.library_id}
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        found: list[Record | Refusal] = []
        while True:
            limit = START_LIMIT if self._fresh else STRUCTURE_LIMIT
            timer = threading.Timer(limit, process.kill)
            timer.start()
            line = process.stdout.readline()
            overdue = not timer.is_alive()
            timer.cancel()
            self._fresh = False
            if not line.endswith("\n"):
                return [*found, Refusal(task.file, self._ended(limit if overdue else None))]
            message = json.loads(line)
            if "done" in message:
                return found
            found.append(from_message(message))

    def _start(self) -> subprocess.Popen[str]:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
        self._complaints.seek(0)
        self._complaints.truncate()
        self._fresh = True
        self._process = subprocess.Popen(
            [sys.executable, "-m", "anatase.library.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env=environment,
            text=True,
            encoding="utf-8",
        )
        return self._process

    def _ended(self, limit: float | None) -> str:
        self.close()
        if limit is not None:
            return f"it took more than {limit:.0f} s"
        self._complaints.seek(0)
        complaints = self._complaints.read().decode(errors="replace").strip().splitlines()
        return f"the reader stopped: {complaints[-1] if complaints else 'no message'}"

    def finish(self) -> None:
        """End the process and forget what it complained of."""
        self.close()
        self._complaints.close()

    def close(self) -> None:
        """End the process, if it runs."""
        if self._process is None:
            return
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:  # what was left in the buffer of a dead process
                    continue
        self._process.wait()
        self._process = None


def index_files(tasks: Iterable[FileTask], workers: int | None = None) -> Iterator[list[Record | Refusal]]:
    """Yield the rows and refusals of each file, in the order of the files.

    Parameters
    ----------
    tasks
        The files; a few are taken ahead of those that are done, so that there may be any number.
    workers
        Number of processes; by default one per core, and fewer for few files.
    """
    most = workers or os.cpu_count() or 1
    coming = iter(tasks)
    first = list(islice(coming, 8 * most))
    n = max(1, min(most, -(-len(first) // 8)))
    pool = [_Worker() for _ in range(n)]
    free: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
    for worker in pool:
        free.put(worker)

    def run(task: FileTask) -> list[Record | Refusal]:
        worker = free.get()
        try:
            return worker.run(task)
        finally:
            free.put(worker)

    executor = ThreadPoolExecutor(max_workers=n)
    try:
        ahead: deque[Future[list[Record | Refusal]]] = deque()
        for task in chain(first, coming):
            ahead.append(executor.submit(run, task))
            if len(ahead) >= AHEAD * n:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
        for worker in pool:
            worker.finish()
