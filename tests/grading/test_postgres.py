"""A gradebook in PostgreSQL, for more than one machine: a real server, started here on loopback."""

import contextlib
import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time

import pytest

from tito.grader.course import GradingCourse

from .conftest import PATIENCE, marks, nbgrader

pytest.importorskip("psycopg", reason="needs psycopg: pip install tinytorch[grade]")
PROGRAMS = max(glob.glob("/usr/lib/postgresql/*/bin"), default=None) or os.path.dirname(shutil.which("postgres") or "")
pytestmark = pytest.mark.skipif(not PROGRAMS, reason="needs PostgreSQL (Debian: apt install postgresql)")


@pytest.fixture(scope="module")
def server():
    """The address of an empty database. PostgreSQL does not run as root."""
    someone = next((user for user in ("postgres", "nobody") if known(user)), None)
    who = dict(user=someone, group=pwd.getpwnam(someone).pw_gid, extra_groups=[]) if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="tito-postgres-") as folder:
        if who:
            shutil.chown(folder, someone)
        options = dict(cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) | who
        make = [f"{PROGRAMS}/initdb", "-D", f"{folder}/data", "-U", "tito", "-A", "trust", "--no-sync"]
        subprocess.run(make, check=True, **options)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        settings = dict(listen_addresses="127.0.0.1", port=port, unix_socket_directories="", fsync="off")
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        running = subprocess.Popen([f"{PROGRAMS}/postgres", "-D", f"{folder}/data", *words], **options)
        try:
            wait(port, running)
            yield f"127.0.0.1:{port}"
        finally:
            running.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(20)
            running.kill()
            running.wait()


def known(user):
    try:
        return pwd.getpwnam(user)
    except KeyError:
        return None


def wait(port, running):
    import psycopg

    end = time.monotonic() + PATIENCE
    while True:
        try:
            with psycopg.connect(
                f"host=127.0.0.1 port={port} user=tito dbname=postgres", autocommit=True
            ) as connection:
                connection.execute("CREATE DATABASE marks")
            return
        except psycopg.OperationalError:
            assert running.poll() is None and time.monotonic() < end
            time.sleep(0.2)


def test_the_same_marks_as_in_sqlite(server, graded, handed_in, tmp_path, tito):
    course = tmp_path / "course"
    (tmp_path / "roster.csv").write_text("id,first_name,last_name,email\nada,Ada,Lovelace,ada.lovelace@x.edu\n")
    url = f"postgresql://tito@{server}/marks"
    tito("grade", "init", course, "--roster", tmp_path / "roster.csv", "--db", url)
    assert not (course / "gradebook.db").exists()
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
    tito("grade", "init", course, "--roster", tmp_path / "roster.csv", "--db", f"postgresql://tito@{server}/marks")
    done = nbgrader(course, "generate_assignment", "01_tensor", "--force")
    assert done.returncode == 0, done.stderr
    done = nbgrader(course, "db", "student", "list")
    assert done.returncode == 0 and "ada" in done.stdout + done.stderr, done.stderr
