"""An AWS look-alike in one process: moto's services, with real function binaries behind Lambda.

    python emulator.py                  # prints its address when ready; ends on SIGTERM or when its parent does

It checks behavior: not speed, permissions or memory limits. moto keeps its state in module globals, so there is one
emulator a process.
"""

import json
import logging
import os
import signal
import socket
import sys
import threading
import urllib.request

import functions
import step_functions

ACCOUNT = "123456789012"
REGION = "us-east-1"
# Lambda's `Concurrent executions`, as most accounts have it.
QUOTAS = {("lambda", "L-B99A9384"): 1000.0}


class Emulator:
    """moto's server on a port of loopback."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        # By service and quota code; others are unknown.
        self.quotas = dict(QUOTAS)
        # What a Glue job does, by its name: from its arguments to what went wrong, or nothing.
        self.glue_jobs = {}

    def __enter__(self):
        # moto's services call one another through this port, with these keys.
        os.environ.update(
            MOTO_PORT=str(self.port),
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",
            AWS_DEFAULT_REGION=REGION,
        )
        from moto.core.config import default_user_config
        from moto.server import ThreadedMotoServer

        # Its log has a line a request.
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        default_user_config["stepfunctions"]["execute_state_machine"] = True
        self.host = functions.Host(self.endpoint)
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)
        self.server.start()
        self.host.plug_into_moto()
        step_functions.repair()
        _start_executions_from_rules()
        _refuse_stale_table_versions()
        _tell_of_event_bridge()
        _list_what_a_stack_says()
        _answer_quotas(self.quotas)
        _run_glue_jobs(self.glue_jobs)
        return self

    def reset(self):
        """Forgets everything, as if it had just been started."""
        urllib.request.urlopen(urllib.request.Request(f"{self.endpoint}/moto-api/reset", method="POST")).close()
        self.host.reset()
        self.quotas.clear()
        self.quotas.update(QUOTAS)
        self.glue_jobs.clear()

    def __exit__(self, *_):
        self.host.stop()
        self.server.stop()


def _start_executions_from_rules():
    """moto's EventBridge knows no state machine as a target."""
    import boto3
    from moto.events.models import Rule

    send = Rule.send_to_targets

    def send_to_targets(self, event, transform_input=True):
        machines = [target for target in self.targets if ":states:" in target["Arn"]]
        if machines and self.event_pattern.matches_event(event):
            client = boto3.client("stepfunctions", endpoint_url=f"http://127.0.0.1:{os.environ['MOTO_PORT']}")
            for target in machines:
                client.start_execution(stateMachineArn=target["Arn"], input=json.dumps(event, default=str))
        others, targets = [target for target in self.targets if ":states:" not in target["Arn"]], self.targets
        self.targets = others
        try:
            send(self, event, transform_input)
        finally:
            self.targets = targets

    Rule.send_to_targets = send_to_targets


def _refuse_stale_table_versions():
    """moto's Glue ignores the VersionId of UpdateTable, so a lost update would go unseen."""
    from moto.core.responses import EmptyResult
    from moto.glue.exceptions import GlueClientError
    from moto.glue.responses import GlueResponse

    lock = threading.Lock()

    def update_table(self):
        database, table_input = self.parameters.get("DatabaseName"), self.parameters.get("TableInput")
        seen = self.parameters.get("VersionId")
        with lock:
            current = str(self.glue_backend.get_table(database, table_input["Name"]).as_dict().get("VersionId"))
            if seen is not None and seen != current:
                message = f"version {seen} is not the current version {current}"
                raise GlueClientError("ConcurrentModificationException", message)
            self.glue_backend.update_table(database, table_input["Name"], table_input)
        return EmptyResult()

    GlueResponse.update_table = update_table


def _tell_of_event_bridge():
    """moto's S3 keeps that a bucket tells EventBridge of its objects, and does not say so when asked."""
    from moto.s3.responses import S3Response

    get = S3Response.get_bucket_notification

    def get_bucket_notification(self):
        status, headers, _ = get(self)
        kept = self.backend.get_bucket_notification_configuration(self.bucket_name)
        told = "<EventBridgeConfiguration/>" if kept and kept.event_bridge is not None else ""
        space = "http://s3.amazonaws.com/doc/2006-03-01/"
        return status, headers, f'<NotificationConfiguration xmlns="{space}">{told}</NotificationConfiguration>'

    S3Response.get_bucket_notification = get_bucket_notification


def _list_what_a_stack_says():
    """moto's CloudFormation lists what it made itself; our stacks are made elsewhere and named in the template."""
    from moto.cloudformation.responses import CloudFormationResponse
    from moto.core.responses import ActionResult

    def list_stack_resources(self):
        stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
        state = {"ResourceStatus": "CREATE_COMPLETE", "LastUpdatedTimestamp": stack.creation_time}
        return ActionResult({"StackResourceSummaries": [made | state for made in stack.template_dict["Metadata"]["Made"]]})

    CloudFormationResponse.list_stack_resources = list_stack_resources


def _answer_quotas(quotas):
    """moto's Service Quotas knows those of VPC alone."""
    from moto.servicequotas.exceptions import NoSuchResource
    from moto.servicequotas.models import ServiceQuotasBackend

    def get_service_quota(self, service_code, quota_code):
        if (service_code, quota_code) not in quotas:
            raise NoSuchResource
        return {"ServiceCode": service_code, "QuotaCode": quota_code, "Value": quotas[service_code, quota_code]}

    ServiceQuotasBackend.get_service_quota = get_service_quota


def _run_glue_jobs(jobs):
    """moto's Glue runs nothing, and says when in a way that Step Functions' interpreter cannot write down."""
    from moto.glue.models import FakeJobRun

    as_dict = FakeJobRun.as_dict

    def run(self):
        if not hasattr(self, "failure"):
            self.failure = jobs[self.job_name](self.arguments or {})
        said = {name: value for name, value in as_dict(self).items() if not name.endswith("On")}
        ended = {"JobRunState": "FAILED", "ErrorMessage": self.failure} if self.failure else {"JobRunState": "SUCCEEDED"}
        return said | ended

    FakeJobRun.as_dict = run


def main():
    done = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: done.set())
    with Emulator() as emulator:
        print(emulator.endpoint, flush=True)
        # Standard input ends when the parent does, however it ends.
        threading.Thread(target=lambda: (sys.stdin.read(), done.set()), daemon=True).start()
        done.wait()


if __name__ == "__main__":
    main()
