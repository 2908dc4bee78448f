"""A PostgreSQL server of a test's own, on loopback, that ends with the test."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import unittest

DRIVER = pathlib.Path("/usr/share/java/postgresql.jar")
PASSWORD = "a secret of the site"


def programs():
    """The folder with the server's programs, which Debian puts where no PATH leads; none without them."""
    return next((path for path in sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin")) if (path / "initdb").exists()), None)


def install_or_skip():
    """Installs what a test of the Glue job needs and this machine lacks."""
    needs = {
        "default-jre-headless": lambda: shutil.which("java"),
        "libpostgresql-jdbc-java": DRIVER.exists,
        "postgresql": programs,
    }
    missing = [package for package, found in needs.items() if not found()]
    if missing and shutil.which("apt-get"):
        for command in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *missing]):
            subprocess.run(["apt-get", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    missing = [package for package in missing if not needs[package]()]
    if missing:
        raise unittest.SkipTest(f"skipped: apt-get did not install {', '.join(missing)}")


class Database:
    """A running server with one database, `site`, and one user, `reader`, who signs in by password."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port
        self.url = f"jdbc:postgresql://127.0.0.1:{port}/site"

    def sql(self, text, database="site"):
        command = ["psql", "-h", self.folder, "-p", str(self.port), "-U", "postgres", "-d", database, "-q", "-t", "-A"]
        done = subprocess.run([*command, "-v", "ON_ERROR_STOP=1"], input=text, capture_output=True, text=True)
        if done.returncode:
            raise AssertionError(done.stderr)
        return done.stdout


@contextlib.contextmanager
def server():
    with socket.socket() as probe, tempfile.TemporaryDirectory(prefix="site-") as folder:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        os.chmod(folder, 0o777)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        owner = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.geteuid() == 0 else []
        data = f"{folder}/data"

        def run(program, *arguments):
            command = [*owner, str(programs() / program), "-D", data, *arguments]
            subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)

        run("initdb", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale", "C")
        # Local users are trusted; who comes by the network signs in, as at a site.
        access = pathlib.Path(data) / "pg_hba.conf"
        access.write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c timezone=America/New_York"
        run("pg_ctl", "-o", options, "-l", f"{folder}/log", "-w", "start")
        try:
            database = Database(folder, port)
            database.sql("CREATE DATABASE site", "postgres")
            database.sql(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'; GRANT pg_read_all_data TO reader;")
            yield database
        finally:
            run("pg_ctl", "-m", "immediate", "-w", "stop")
