"""The state machine's definition keeps the project's own rules, which no validator knows."""

import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEFINITION = json.loads((ROOT / "infra/job.asl.json").read_text())
# Names that AWS gives to failures which may pass.
OF_AWS = {
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "States.Timeout",
}
# A DynamoDB integration and the SDK's spell its service differently.
OF_DYNAMODB = {
    f"{service}.{name}"
    for service in ("DynamoDB", "DynamoDb")
    for name in ("ProvisionedThroughputExceededException", "ThrottlingException", "InternalServerErrorException")
}
# Starts of a Glue job that may go through later; a job that fails says so itself and is not started again.
OF_GLUE = {
    f"Glue.{name}"
    for name in (
        "AWSGlueException",
        "ConcurrentRunsExceededException",
        "InternalServiceException",
        "OperationTimeoutException",
        "ResourceNumberLimitExceededException",
        "ThrottlingException",
    )
}
# By the service in a task's resource: the errors that are retried, and the longest that it may take in seconds.
KNOWN = {
    "lambda": (OF_AWS | {"Lotline.Transient"}, 910),
    "dynamodb": (OF_DYNAMODB | {"States.Timeout"}, 60),
    "glue": (OF_GLUE, 43_200),
}


def states(machine, path=()):
    """Every state with its path, those inside of Maps included."""
    for name, state in machine["States"].items():
        yield (*path, name), state
        if "ItemProcessor" in state:
            yield from states(state["ItemProcessor"], (*path, name))


class Definition(unittest.TestCase):
    def each(self, kind):
        for path, state in states(DEFINITION):
            if state["Type"] == kind:
                with self.subTest("/".join(path)):
                    yield path, state

    def test_every_task_is_retried_and_caught_and_ends(self):
        for _, task in self.each("Task"):
            retried = {error for rule in task["Retry"] for error in rule["ErrorEquals"]}
            known, longest = KNOWN[task["Resource"].split(":")[5]]
            self.assertEqual(retried, known)
            self.assertTrue(all(rule["JitterStrategy"] == "FULL" and rule["MaxAttempts"] for rule in task["Retry"]))
            self.assertEqual(task["Catch"][-1]["ErrorEquals"], ["States.ALL"])
            self.assertLessEqual(task["TimeoutSeconds"], longest)

    def test_error_names_are_those_of_the_code(self):
        names = set(re.findall(r'"(Lotline\.\w+)"', (ROOT / "shared/stages/src/error.rs").read_text()))
        self.assertIn("Lotline.Transient", names)
        retried = {error for _, task in states(DEFINITION) for rule in task.get("Retry", []) for error in rule["ErrorEquals"]}
        self.assertLessEqual({error for error in retried if error.startswith("Lotline.")}, names)
        for _, fail in self.each("Fail"):
            self.assertRegex(fail["Error"], r"^Lotline\.\w+$")
            self.assertNotIn(fail["Error"], names, "a state's own failure is no stage's")

    def test_every_map_is_bounded_and_reads_a_list_that_a_stage_writes(self):
        written = set()
        for source in (ROOT / "shared/stages/src").rglob("*.rs"):
            written |= set(re.findall(r'write_list\(stores, "(\w+)"', source.read_text()))
        read = set()
        for path, state in self.each("Map"):
            self.assertIn("MaxConcurrency", state)
            self.assertEqual(state["Label"], path[-1])
            self.assertEqual(state["ItemProcessor"]["ProcessorConfig"], {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"})
            read |= set(re.findall(r"/lists/(\w+)\.json", state["ItemReader"]["Arguments"]["Key"]))
        self.assertEqual(read, written)

    def test_what_passes_between_states_is_small(self):
        for path, state in states(DEFINITION):
            if state["Type"] in ("Task", "Map"):
                small = {"job": "{% $states.input.job %}"} if path == ("PullByGlue",) else {}
                self.assertEqual(state["Output"], small, path)

    def test_the_glue_job_gets_the_arguments_that_it_reads(self):
        pull = DEFINITION["States"]["PullByGlue"]
        read = re.search(r"for name in \(([^)]+)\):\n +parser", (ROOT / "infra/glue/ingest_onprem.py").read_text())[1]
        self.assertEqual(list(pull["Arguments"]["Arguments"]), [f"--{name}" for name in re.findall(r"\w+", read)])

    def test_names_are_imperatives_and_unique(self):
        names = [path[-1] for path, _ in states(DEFINITION)]
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            self.assertRegex(name, r"^([A-Z][a-z]+)+$")

    def test_functions_are_the_folders(self):
        invoked = set(re.findall(r"\$\{(\w+)FunctionArn\}", json.dumps(DEFINITION)))
        folders = {folder.name for folder in (ROOT / "functions").iterdir() if (folder / "Cargo.toml").is_file()}
        # The resolver answers AppSync and is no step of a run.
        self.assertEqual({name.lower() for name in invoked}, folders - {"resolver"})


if __name__ == "__main__":
    unittest.main()
