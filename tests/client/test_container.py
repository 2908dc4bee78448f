"""The client's image, built from `client/Dockerfile` and run by buildah against `lotline serve` and against a stand-in
that fails as asked.

`LOTLINE_CLIENT` names the static binary, `LOTLINE_SERVER` the address of `lotline serve` over a lake of the demo. The figures that it must find are computed here, by Python. buildah is installed
if it can be; where it cannot, or without the rights of root, the tests are skipped and say so.
"""

import json
import os
import platform
import shutil
import socket
import ssl
import statistics
import struct
import subprocess
import tempfile
import threading
import unittest
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
NAMESERVER = "127.0.0.77"


def properties():
    """2,500 properties in order of their ids; some lack a value, a number of bedrooms at the assessor's, or both."""
    for row in range(2500):
        yield {
            "id": f"{row:06}",
            "parcel": {"bedrooms": None if row % 7 == 0 else row % 5 + 1},
            "listing": {"beds": None if row % 21 == 0 else 9, "estValue": None if row % 11 == 0 else 100_000 + row * 37.25},
        }


def insights(rows):
    values = [row["listing"]["estValue"] for row in rows if row["listing"]["estValue"] is not None]
    beds = Counter(row["parcel"]["bedrooms"] or row["listing"]["beds"] for row in rows)
    matched = {
        "matched_properties": len(rows),
        "mean_estimated_value": statistics.fmean(values),
        "median_estimated_value": statistics.median(values),
    }
    bedrooms = [{"bedrooms": key, "properties": beds[key]} for key in sorted(beds, key=lambda key: (key is None, key))]
    return {"matched": [matched], "bedrooms": bedrooms}


class StandIn(ThreadingHTTPServer):
    """Answers the two queries from rows, and the third request with 503; keeps what is put to it, as S3 does."""

    def __init__(self, certificate=None):
        super().__init__(("127.0.0.1", 0), self.handler())
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.rows, self.requests, self.headers, self.objects = list(properties()), 0, [], {}
        self.insights = insights(self.rows)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def answer(self, operation, variables):
        if operation == "Summary":
            if variables["job"] != "properties":
                return {"summary": None}
            rows = [{"name": name, "rows": [json.dumps(row) for row in rows]} for name, rows in self.insights.items()]
            return {"summary": {"runId": "properties-1", "insights": rows}}
        start = int(variables["after"] or 0)
        end = min(start + variables["first"], len(self.rows))
        info = {"hasNextPage": end < len(self.rows), "endCursor": str(end)}
        return {"properties": {"nodes": self.rows[start:end], "pageInfo": info}}

    def handler(server):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.requests += 1
                server.headers.append(self.headers)
                status, answer = 200, {"data": server.answer(asked["operationName"], asked["variables"])}
                if server.requests == 3:
                    status, answer = 503, {"errors": [{"message": "busy"}]}
                self.reply(status, json.dumps(answer).encode())

            def do_PUT(self):
                server.objects[self.path.partition("?")[0]] = self.rfile.read(int(self.headers["Content-Length"]))
                server.headers.append(self.headers)
                self.reply(200, b"")

            def reply(self, status, body):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler


def name_server():
    """Answers every question of DNS with 127.0.0.1, from a thread; none where the port cannot be had."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        server.bind((NAMESERVER, 53))
    except OSError:
        server.close()
        return None

    def serve():
        while True:
            try:
                asked, sender = server.recvfrom(512)
            except OSError:
                return
            end = asked.index(b"\0", 12) + 5
            is_ipv4 = asked[end - 4 : end - 2] == b"\0\1"
            answers = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if is_ipv4 else b""
            head = asked[:2] + b"\x81\x80" + struct.pack(">4H", 1, is_ipv4, 0, 0)
            server.sendto(head + asked[12:end] + answers, sender)

    threading.Thread(target=serve, daemon=True).start()
    return server


def buildah_or_skip():
    """Installs buildah where it is missing."""
    if os.geteuid() != 0:
        raise unittest.SkipTest("building and running an image needs the rights of root here")
    if not shutil.which("buildah") and shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "buildah"]
        for command in (["apt-get", "update", "-q"], install):
            subprocess.run(command, capture_output=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})
    if not shutil.which("buildah"):
        raise unittest.SkipTest("no buildah, and apt-get did not install it: apt-get install buildah")


class Container(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.binary = Path(os.environ["LOTLINE_CLIENT"]).resolve()
        buildah_or_skip()
        folder = tempfile.TemporaryDirectory(prefix="lotline-client-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.addClassCleanup(cls.buildah, "rm", "--all")
        context = cls.folder / "context"
        (context / ARCHITECTURE).mkdir(parents=True)
        shutil.copy(cls.binary, context / ARCHITECTURE / "lotline-client")
        # The test's own certificate beside those of the world: the client must find both in the image.
        cls.certificate = cls.folder / "server.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", cls.folder / "server.key",
                        "-out", cls.certificate], check=True, capture_output=True)  # fmt: skip
        bundle = CERTIFICATES.read_text() + cls.certificate.read_text()
        (context / "ca-certificates.crt").write_text(bundle)
        cls.certificate.write_text(cls.certificate.read_text() + (cls.folder / "server.key").read_text())
        cls.out = cls.folder / "out"
        cls.out.mkdir()
        os.chown(cls.out, 65532, 65532)
        cls.done("build", "--isolation", "chroot", "--arch", ARCHITECTURE, "--build-arg", "VERSION=0.0.0-test",
                 "--file", ROOT / "client/Dockerfile", "--tag", "lotline-client", context)  # fmt: skip
        cls.container = cls.done("from", "--isolation", "chroot", "--dns", NAMESERVER, "lotline-client").strip()

    @classmethod
    def buildah(cls, *arguments):
        store = ["--storage-driver", "vfs", "--root", cls.folder / "root", "--runroot", cls.folder / "runroot"]
        command = ["buildah", *store, *arguments]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    @classmethod
    def done(cls, *arguments):
        done = cls.buildah(*arguments)
        if done.returncode:
            raise AssertionError(done.stderr)
        return done.stdout

    def client(self, port, *arguments, at="http://localhost", env=()):
        """Runs the container with its variables; answers exit code and standard error."""
        variables = [f"LOTLINE_ENDPOINT={at}:{port}/graphql", "LOTLINE_OUT=/out/summary.json", *env]
        options = [option for variable in variables for option in ("--env", variable)]
        run = ["run", "--isolation", "chroot", "--volume", f"{self.out}:/out", *options, self.container, "--"]
        done = self.buildah(*run, "/lotline-client", *arguments)
        return done.returncode, done.stderr

    def written(self):
        summary = self.out / "summary.json"
        written = json.loads(summary.read_text())
        summary.unlink()
        return written

    def stand_in(self, certificate=None):
        server = StandIn(certificate)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def test_the_binary_needs_no_other(self):
        head = self.binary.read_bytes()[:4096]
        offset, size, count = struct.unpack_from("<Q", head, 32)[0], *struct.unpack_from("<HH", head, 54)
        kinds = {struct.unpack_from("<I", head, offset + number * size)[0] for number in range(count)}
        self.assertIn(1, kinds, "PT_LOAD")
        self.assertNotIn(3, kinds, "PT_INTERP: it asks for a dynamic linker")

    def test_the_image_is_as_declared(self):
        image = json.loads(self.done("inspect", "--type", "image", "lotline-client"))["OCIv1"]
        self.assertEqual(ARCHITECTURE, image["architecture"])
        self.assertEqual(("65532:65532", ["/lotline-client"]), (image["config"]["User"], image["config"]["Entrypoint"]))
        self.assertEqual("0.0.0-test", image["config"]["Labels"]["org.opencontainers.image.version"])
        mounted = Path(self.done("mount", self.container).strip())
        files = {str(path.relative_to(mounted)) for path in mounted.rglob("*") if path.is_file() and path.stat().st_size}
        self.assertEqual({"lotline-client", "etc/ssl/certs/ca-certificates.crt"}, files)

    def test_a_right_summary_is_exit_code_0(self):
        server = self.stand_in()
        code, said = self.client(server.server_port, "--page-size", "600", env=["LOTLINE_API_KEY=da2-x"])
        self.assertEqual(0, code, said)
        self.assertIn("properties-1: 2500 properties in 5 pages; the published summary is right", said)
        written = self.written()
        self.assertTrue(written["equal"])
        self.assertEqual({"da2-x"}, {headers["x-api-key"] for headers in server.headers})
        self.assertEqual(8, server.requests, "two of the summary, five pages, one of them again")
        expected = server.insights["matched"][0] | {"bedrooms": server.insights["bedrooms"]}
        self.assertAlmostEqual(expected.pop("mean_estimated_value"), written["summary"].pop("mean_estimated_value"), 6)
        self.assertEqual(expected, written["summary"])

    def test_a_lake_of_the_demo_is_summed_up_as_published(self):
        port = urlsplit(os.environ["LOTLINE_SERVER"]).port
        code, said = self.client(port, "--auth", "none", "--page-size", "300")
        self.assertEqual(0, code, said)
        written = self.written()
        self.assertTrue(written["equal"])
        self.assertGreater(written["summary"]["matched_properties"], 1000)

    def test_a_wrong_summary_is_exit_code_1(self):
        server = self.stand_in()
        server.insights["matched"][0]["median_estimated_value"] += 1
        server.insights["bedrooms"][0]["properties"] -= 2
        code, said = self.client(server.server_port)
        self.assertEqual(1, code, said)
        median, properties = server.insights["matched"][0]["median_estimated_value"], server.insights["bedrooms"][0]["properties"]
        self.assertIn(f"median_estimated_value: found {median}, expected {median - 1}\n", said)
        self.assertIn(f"properties of 1 bedrooms: found {properties}, expected {properties + 2}\n", said)
        self.assertEqual(2, len(self.written()["differences"]))

    def test_a_failure_is_exit_code_2(self):
        server = self.stand_in()
        code, said = self.client(server.server_port, "--job", "other")
        self.assertEqual(2, code, said)
        url = f"http://localhost:{server.server_port}/graphql"
        self.assertIn(f"error: `{url}` has no summary of the job `other`: no run of it was published\n", said)
        self.assertEqual([], list(self.out.iterdir()))

    def test_as_on_aws_it_signs_over_tls_and_writes_to_s3(self):
        server, s3 = self.stand_in(self.certificate), self.stand_in()
        env = [
            "AWS_ACCESS_KEY_ID=AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY=secret",
            "AWS_REGION=us-east-1",
            f"AWS_ENDPOINT_URL=http://localhost:{s3.server_port}",
            "LOTLINE_OUT=s3://lake/summaries/properties.json",
            "LOTLINE_AUTH=iam",
        ]
        code, said = self.client(server.server_port, at="https://localhost", env=env)
        self.assertEqual(0, code, said)
        for headers in server.headers:
            self.assertRegex(headers["authorization"], r"^AWS4-HMAC-SHA256 .*/us-east-1/appsync/aws4_request, ")
        self.assertTrue(json.loads(s3.objects["/lake/summaries/properties.json"])["equal"])
        self.assertIn("/us-east-1/s3/aws4_request", s3.headers[-1]["authorization"])

    def test_names_are_looked_up(self):
        if not (names := name_server()):
            self.skipTest(f"port 53 of {NAMESERVER} cannot be had")
        self.addCleanup(names.close)
        code, said = self.client(self.stand_in().server_port, "--auth", "none", at="http://lotline.test")
        self.assertEqual(0, code, said)
        self.written()


if __name__ == "__main__":
    unittest.main()
