"""Lambda functions as the processes that they are: a zip's `bootstrap`, spoken to through the Lambda Runtime API."""

import io
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import time
import uuid
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Process:
    """One running `bootstrap`, which asks for work, gets one event at a time and answers it."""

    def __init__(self, folder, environment, log):
        self.doomed = False
        self.work = queue.Queue()
        self.answers = queue.Queue()
        # A group of its own, so that killing it takes along what it started.
        self.child = subprocess.Popen(
            [os.path.join(folder, "bootstrap")],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def kill(self):
        if self.child.poll() is None:
            os.killpg(self.child.pid, 9)
        self.child.wait()
        self.work.put(None)


class Host:
    """Serves the Runtime API under one path a process, and keeps idle processes for the next event.

    `faults` has what the next events of a function meet, by the function's name: "kill" ends its process once it
    has the event, a function of the test's is called first, and an error's name is answered in place of an answer.
    """

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.faults = {}
        # Opened for appending, so that it may be emptied under processes that still write.
        self.log_folder = tempfile.TemporaryDirectory(prefix="functions-")
        self.log = open(os.path.join(self.log_folder.name, "log"), "a")
        self.lock = threading.Lock()
        self.processes = {}
        self.idle = {}
        self.folders = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def plug_into_moto(self):
        import moto.awslambda.models as models

        models.LambdaFunction._invoke_lambda = lambda function, event=None: (*self.invoke(function, event or {}), "")

    def reset(self):
        for process in list(self.processes.values()):
            process.kill()
        for held in (self.processes, self.idle, self.faults):
            held.clear()
        self.log.truncate(0)

    def stop(self):
        self.reset()
        self.server.shutdown()
        self.log.close()
        self.log_folder.cleanup()
        for folder in self.folders.values():
            shutil.rmtree(folder, ignore_errors=True)

    def invoke(self, function, event):
        """Runs one event; answers its JSON text and whether it is an error, as Lambda reports them."""
        version = (function.function_arn, function.code_sha_256, json.dumps(function.environment_vars or {}))
        fault = self.faults.get(function.function_name, []).pop(0) if self.faults.get(function.function_name) else None
        if callable(fault):
            fault()
        elif fault and fault != "kill":
            return _error(fault, "as the test wants it")
        process = self._take(function, version)
        process.doomed = fault == "kill"
        deadline = time.time() + int(function.timeout or 3)
        process.work.put((json.dumps(event), deadline, function.function_arn))
        while True:
            try:
                text, failed = process.answers.get(timeout=0.02)
                break
            except queue.Empty:
                if process.child.poll() is not None and process.answers.empty():
                    return _error("Runtime.ExitError", f"exit status {process.child.returncode}")
                if time.time() > deadline:
                    process.kill()
                    return _error("Sandbox.Timedout", f"timed out after {function.timeout} s")
        with self.lock:
            self.idle.setdefault(version, []).append(process)
        return text, failed

    def lines(self):
        """What the functions have logged, parsed; every line must be JSON."""
        with open(self.log.name) as log:
            return [_parsed(line) for line in log if line.strip()]

    def _take(self, function, version):
        with self.lock:
            idle = self.idle.get(version, [])
            while idle:
                process = idle.pop()
                if process.child.poll() is None:
                    return process
            if function.code_sha_256 not in self.folders:
                folder = tempfile.mkdtemp(prefix="function-")
                with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as archive:
                    archive.extractall(folder)
                os.chmod(os.path.join(folder, "bootstrap"), 0o755)
                self.folders[function.code_sha_256] = folder
            name = uuid.uuid4().hex
            process = Process(self.folders[function.code_sha_256], self._environment(function, name), self.log)
            self.processes[name] = process
            return process

    def _environment(self, function, name):
        return {
            "PATH": "/usr/bin:/bin",
            "AWS_LAMBDA_RUNTIME_API": f"http://127.0.0.1:{self.server.server_port}/{name}",
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_REGION": function.region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": self.endpoint,
            **(function.environment_vars or {}),
        }

    def _handler(host):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                process = self._process()
                work = process.work.get() if process else None
                if work is None:
                    return self._reply(410, "", {})
                event, deadline, arn = work
                self._reply(
                    200,
                    event,
                    {
                        "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
                        "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
                        "Lambda-Runtime-Invoked-Function-Arn": arn,
                        "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0",
                    },
                )
                if process.doomed:
                    process.kill()

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                process = self._process()
                if process:
                    process.answers.put((body, self.path.endswith("/error")))
                self._reply(202, "", {})

            def _process(self):
                return host.processes.get(self.path.split("/")[1])

            def _reply(self, status, body, headers):
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body.encode()))}.items():
                    self.send_header(name, value)
                try:
                    self.end_headers()
                    self.wfile.write(body.encode())
                except ConnectionError:
                    pass  # killed while it waited

        return Handler


def _parsed(line):
    try:
        return json.loads(line)
    except ValueError:
        raise AssertionError(f"a function logged what is no JSON: {line}") from None


def _error(kind, message):
    return json.dumps({"errorType": kind, "errorMessage": message}), True
