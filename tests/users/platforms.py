"""The two platforms of the job `users`: a private MariaDB, and a vendor's API that answers generated pages."""

import http.server
import json
import os
import pathlib
import socket
import subprocess
import threading
import urllib.parse

SERVER, SETUP, CLIENT = "/usr/sbin/mariadbd", "/usr/bin/mariadb-install-db", "/usr/bin/mariadb"
USER, PASSWORD, DATABASE = "de_candidate", "open sesame/é", "data_engineer"


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class MariaDb:
    """A server with a database of its own, on a private socket and port; it ends with `close`."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.socket = self.folder / "socket"
        data = self.folder / "data"
        everywhere = ["--no-defaults", f"--datadir={data}"] + (["--user=root"] if os.geteuid() == 0 else [])
        setup = [SETUP, *everywhere, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(setup, check=True, stdout=subprocess.DEVNULL)
        private = [f"--socket={self.socket}", f"--port={self.port}", "--bind-address=127.0.0.1"]
        small = ["--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin"]
        self.process = subprocess.Popen([SERVER, *everywhere, *private, *small], stderr=subprocess.PIPE, text=True)
        said = []
        for line in self.process.stderr:
            said.append(line)
            if "ready for connections" in line:
                break
        else:
            raise RuntimeError("".join(said))
        # What it says later must not fill the pipe.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.run(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4;"
                 f"CREATE USER {USER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';"
                 f"GRANT SELECT ON {DATABASE}.* TO {USER}@'127.0.0.1'".encode(), database="mysql")

    def run(self, statements, database=DATABASE):
        client = [CLIENT, "--no-defaults", f"--socket={self.socket}", "--user=root", database]
        subprocess.run(client, input=statements, check=True)

    def address(self, password=PASSWORD):
        quoted = urllib.parse.quote(password, safe="")
        return f"mysql://{USER}:{quoted}@127.0.0.1:{self.port}/{DATABASE}"

    def close(self):
        self.process.terminate()
        self.process.wait()


class Vendor:
    """Answers `?page=N` with the generated page, and pages past the end with no users, as the real API did."""

    def __init__(self, pages):
        self.asked = []
        vendor = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                address = urllib.parse.urlparse(self.path)
                number = int(urllib.parse.parse_qs(address.query).get("page", ["1"])[0])
                vendor.asked.append(number)
                page = pages / f"page-{number:05}.json"
                empty = {"current_page": number, "total_pages": len(list(pages.iterdir())), "users": []}
                body = page.read_bytes() if page.exists() else json.dumps(empty).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/api/v1/users"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
