"""A gradebook in PostgreSQL, for more than one machine: a real server, started here on loopback."""

import contextlib
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest

from tito.errors import MachineError
from tito.grader import run as running
from tito.grader.course import GradingCourse
from tito.grader.ledger import results
from tito.grader.status import WAITING, statuses

from .conftest import MODULE, PATIENCE, enrol_all, marks, nbgrader

pytest.importorskip("psycopg", reason="needs psycopg: pip install tinytorch[grade]")
PROGRAMS = max(glob.glob("/usr/lib/postgresql/*/bin"), default=None) or os.path.dirname(shutil.which("postgres") or "")
pytestmark = pytest.mark.skipif(not PROGRAMS, reason="needs PostgreSQL (Debian: apt install postgresql)")


class Server:
    """A server with a database, which can be stopped and started again. PostgreSQL does not run as root."""

    def __init__(self, folder):
        someone = next((user for user in ("postgres", "nobody") if known(user)), None)
        who = dict(user=someone, group=pwd.getpwnam(someone).pw_gid, extra_groups=[]) if os.getuid() == 0 else {}
        if who:
            shutil.chown(folder, someone)
        quiet = dict(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.folder, self.options = folder, dict(cwd=folder) | quiet | who
        make = [f"{PROGRAMS}/initdb", "-D", f"{folder}/data", "-U", "tito", "-A", "trust", "--no-sync"]
        subprocess.run(make, check=True, **self.options)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    def start(self):
        settings = dict(listen_addresses="127.0.0.1", port=self.port, unix_socket_directories="", fsync="off")
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.running = subprocess.Popen([f"{PROGRAMS}/postgres", "-D", f"{self.folder}/data", *words], **self.options)
        wait(self.port, self.running)

    def stop(self):
        self.running.send_signal(signal.SIGINT)  # which breaks off every connection
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.running.wait(20)
        self.running.kill()
        self.running.wait()

    def address(self, database="marks"):
        return f"postgresql://tito@127.0.0.1:{self.port}/{database}"


@pytest.fixture(scope="module")
def server():
    with tempfile.TemporaryDirectory(prefix="tito-postgres-") as folder:
        server = Server(folder)
        server.start()
        try:
            create(server.port, "marks")
            yield server
        finally:
            server.stop()


def known(user):
    try:
        return pwd.getpwnam(user)
    except KeyError:
        return None


def connected(port):
    import psycopg

    return psycopg.connect(f"host=127.0.0.1 port={port} user=tito dbname=postgres", autocommit=True)


def create(port, database):
    with connected(port) as connection:
        connection.execute(f"CREATE DATABASE {database}")


def wait(port, running):
    import psycopg

    end = time.monotonic() + PATIENCE
    while True:
        try:
            return connected(port).close()
        except psycopg.OperationalError:
            assert running.poll() is None and time.monotonic() < end
            time.sleep(0.2)


def test_the_same_marks_as_in_sqlite(server, graded, handed_in, tmp_path, tito):
    course = tmp_path / "course"
    (tmp_path / "roster.csv").write_text("id,first_name,last_name,email\nada,Ada,Lovelace,ada.lovelace@x.edu\n")
    url = server.address()
    tito("grade", "init", course, "--roster", tmp_path / "roster.csv", "--db", url)
    assert not (course / "gradebook.db").exists()
    enrol_all(course, handed_in)
    tito("grade", "collect", "01", handed_in, "--course", course)
    tito("grade", "run", "01", "-j", "2", "--course", course, code=1)
    found = GradingCourse.find(str(course))
    with found.gradebook() as gradebook:
        students = [submission.student.id for submission in gradebook.assignment_submissions("01_tensor")]
        # what formgrader asks: its lists of assignments, of submissions and of students
        average = gradebook.average_assignment_score("01_tensor")
        assert gradebook.db.get_bind().dialect.name == "postgresql" and average > 0
        assert {row["student"] for row in gradebook.submission_dicts("01_tensor")} == set(students)
        assert len(gradebook.notebook_submission_dicts("tensor", "01_tensor")) == len(students)
        assert gradebook.student_dicts() and gradebook.average_notebook_score("tensor", "01_tensor") == average
    assert len(students) == 9
    for student in students:
        assert marks(course, student) == marks(graded, student)
    tito("grade", "export", "--course", course)
    tito("grade", "feedback", "01", "--course", course)
    assert "right" in (course / "marks.csv").read_text() and (course / "feedback/right/01_tensor/tensor.html").is_file()


def test_nbgrader_itself_works_on_it(server, tmp_path, tito):
    """It reads the gradebook's address from the course's own settings."""
    course = tmp_path / "course"
    (tmp_path / "roster.csv").write_text("id\nada\n")
    tito("grade", "init", course, "--roster", tmp_path / "roster.csv", "--db", server.address())
    done = nbgrader(course, "generate_assignment", "01_tensor", "--force")
    assert done.returncode == 0, done.stderr
    done = nbgrader(course, "db", "student", "list")
    assert done.returncode == 0 and "ada" in done.stdout + done.stderr, done.stderr


def test_a_database_that_restarts_is_a_sentence_and_the_next_run_goes_on(server, graded, handed_in, tmp_path, tito):
    create(server.port, "again")
    course, known = tmp_path / "course", results(GradingCourse.find(str(graded)), MODULE)
    tito("grade", "init", course, "--db", server.address("again"))
    enrol_all(course, handed_in)
    tito("grade", "collect", "01", handed_in, "--course", course)
    found = GradingCourse.find(str(course))

    def grader(jobs):
        for number, job in enumerate(jobs):
            if number == stop_before:
                server.stop()
            yield known[job.student]

    stop_before, todo = 3, running.plan(found, MODULE)
    with pytest.raises(MachineError, match="cannot be used now"):
        running.run(found, MODULE, todo, grader, lambda result: None)
    for words in (("run", "01"), ("export",), ("feedback", "01")):
        assert "cannot be used now" in tito("grade", *words, "--course", course, code=2)
    server.start()
    truth = {row.student: (row.status, row.score) for row in statuses(GradingCourse.find(str(graded)), MODULE)}
    rows = [row for row in statuses(found, MODULE) if row.student in known]
    assert sum(row.status == WAITING for row in rows) == len(known) - stop_before
    assert all((row.status, row.score) in ((WAITING, None), truth[row.student]) for row in rows)
    stop_before = -1
    running.run(found, MODULE, todo, grader, lambda result: None)
    rows = {row.student: (row.status, row.score) for row in statuses(found, MODULE) if row.student in known}
    assert rows == {student: truth[student] for student in known}
