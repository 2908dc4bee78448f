"""`infra/terraform` as it is written: format, other people's rules, names that two systems have to agree on.

`tests/terraform` applies it to the emulator.
"""

import json
import re
import shutil
import subprocess
import unittest

from test_template import ROOT, TEMPLATE, tool

FOLDER = ROOT / "infra/terraform"


def text():
    return "\n".join(path.read_text() for path in sorted(FOLDER.glob("*.tf")))


class Lint(unittest.TestCase):
    def test_it_is_formatted(self):
        if not shutil.which("terraform"):
            self.skipTest("skipped: no terraform")
        done = subprocess.run(["terraform", "fmt", "-check", "-diff", str(FOLDER)], capture_output=True, text=True)
        self.assertEqual((0, ""), (done.returncode, done.stdout), done.stderr)

    def test_checkov_finds_nothing(self):
        done = tool("checkov", "-d", str(FOLDER), "--framework", "terraform", "--skip-download", "-o", "json")
        report = json.loads(done.stdout)
        failed = [(check["check_id"], check["resource"]) for check in report["results"]["failed_checks"]]
        self.assertEqual([], failed)
        self.assertEqual(0, report["summary"]["parsing_errors"])
        self.assertGreater(report["summary"]["passed"], 50)


class Names(unittest.TestCase):
    def test_the_job_is_the_one_that_the_state_machine_starts(self):
        self.assertIn('name     = "${var.stack}-onprem"', text())
        self.assertIn("GlueJobName: !Sub ${AWS::StackName}-onprem", TEMPLATE.read_text())

    def test_its_inputs_are_outputs_of_the_stack(self):
        named = set(re.findall(r"The stack's output `(\w+)`", text()))
        self.assertEqual({"LakeBucketName", "SettingsTableName", "StateMachineArn"}, named)
        for output in named:
            self.assertIn(f"\n  {output}:\n", TEMPLATE.read_text())

    def test_the_job_writes_where_its_role_lets_it(self):
        program = "\n".join(path.read_text() for path in (ROOT / "infra/glue").glob("*.py"))
        for written, granted in [
            ('f"drop/{job}/{source}/pulled/"', "drop/*/pulled/*"),
            ('f"runs/pulls/{pull_id}/{source}/"', "runs/pulls/*"),
            ('f"runs/digests/{note}"', "runs/digests/*"),
            ('f"PULL#{job}/{source}"', "PULL#*"),
            ('f"JOB#{job}"', "JOB#*"),
            ('"COUNTER"', "COUNTER"),
        ]:
            self.assertIn(written, program)
            self.assertIn(granted, text())

    def test_no_password_is_in_it(self):
        self.assertNotRegex(text(), r"(?i)password\s*=")
        self.assertIn("SECRET_ID           = var.site_secret_arn", text())


if __name__ == "__main__":
    unittest.main()
