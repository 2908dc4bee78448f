"""`infra/terraform` applied to the emulator: what it makes, that it stays so, and what it refuses."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE.parent / "aws")]

import boto3

from emulator import Emulator

# A folder with the provider, where there is one; else terraform fetches it.
PLUGINS = pathlib.Path(os.environ.get("LOTLINE_TERRAFORM_PLUGINS", "/opt/tf-plugins"))
SERVICES = ("dynamodb", "ec2", "glue", "iam", "kms", "logs", "s3", "scheduler", "secretsmanager", "sts")
BUCKET, TABLE = "lake", "settings"
# What moto takes and does not tell when asked, by type of resource.
FORGOTTEN = {
    "aws_glue_connection": {"connection_type"},
    "aws_vpc_security_group_egress_rule": {"description"},
    "aws_vpc_security_group_ingress_rule": {"description"},
}


class Applied(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("terraform"):
            raise unittest.SkipTest("skipped: no terraform")
        cls.emulator = cls.enterClassContext(Emulator())
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.folder = shutil.copytree(ROOT / "infra", folder / "infra") / "terraform"
        endpoints = "\n".join(f'    {service} = "{cls.emulator.endpoint}"' for service in SERVICES)
        (cls.folder / "emulator_override.tf").write_text(
            f"""provider "aws" {{
  access_key                  = "test"
  secret_key                  = "test"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true

  endpoints {{
{endpoints}
  }}
}}

# moto knows no propagation of routes.
resource "aws_route_table" "private" {{
  propagating_vgws = []
}}
"""
        )
        plugins = [f"-plugin-dir={PLUGINS}"] if PLUGINS.is_dir() else []
        done = cls.run_terraform("init", "-no-color", "-input=false", *plugins)
        if done.returncode:
            raise unittest.SkipTest(f"skipped: terraform finds no provider: {done.stderr.strip()[-300:]}")

    def setUp(self):
        self.emulator.reset()
        self.client("s3").create_bucket(Bucket=BUCKET)
        key = self.client("kms").create_key()["KeyMetadata"]["Arn"]
        secret = self.client("secretsmanager").create_secret(Name="site", SecretString="{}")["ARN"]
        self.variables = {
            "lake_bucket": BUCKET,
            "settings_table": TABLE,
            "state_machine_arn": "arn:aws:states:us-east-1:123456789012:stateMachine:lotline-job",
            "lake_key_arn": key,
            "site_cidr": "10.20.30.0/28",
            "site_port": 5432,
            "jdbc_url": "jdbc:postgresql://10.20.30.4:5432/crm?sslmode=require",
            "site_secret_arn": secret,
            "schedules": {"crm": "cron(0 2 * * ? *)"},
        }
        self.say(self.variables)

    def client(self, service):
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.emulator.endpoint, region_name="us-east-1", **keys)

    def say(self, variables):
        (self.folder / "terraform.tfvars.json").write_text(json.dumps(variables))

    @classmethod
    def run_terraform(cls, *arguments):
        environment = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}
        command = ["terraform", *arguments]
        return subprocess.run(command, cwd=cls.folder, env=environment, capture_output=True, text=True)

    def terraform(self, *arguments):
        done = self.run_terraform(*arguments)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return done.stdout

    def test_it_is_made_once_and_stays(self):
        self.terraform("apply", "-auto-approve", "-no-color", "-input=false")
        resources = json.loads(self.terraform("show", "-json"))["values"]["root_module"]["resources"]

        with self.subTest("made again it stays as it is"):
            self.terraform("plan", "-no-color", "-input=false", "-out=again")
            for resource in json.loads(self.terraform("show", "-json", "again"))["resource_changes"]:
                change = resource["change"]
                if change["actions"] == ["update"]:
                    changed = {name for name, value in change["after"].items() if value != change["before"].get(name)}
                    self.assertLessEqual(changed, FORGOTTEN.get(resource["type"], set()), resource["address"])
                else:
                    self.assertIn(change["actions"], (["no-op"], ["read"]), resource["address"])

        with self.subTest("all that can carry the tag does"):
            for resource in resources:
                if "tags_all" in resource["values"]:
                    self.assertEqual("true", resource["values"]["tags_all"].get("external"), resource["address"])

        with self.subTest("the job has its program, its connection and no second try"):
            job = self.client("glue").get_job(JobName="lotline-onprem")["Job"]
            self.assertEqual(job["Connections"]["Connections"], ["lotline-site"])
            files = [job["Command"]["ScriptLocation"], *job["DefaultArguments"]["--extra-py-files"].split(",")]
            keys = {found["Key"] for found in self.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]}
            self.assertEqual({f"s3://{BUCKET}/{key}" for key in keys}, set(files))
            self.assertEqual(len(files), len(list((ROOT / "infra/glue").glob("*.py"))))

        with self.subTest("the job reaches itself, the site's port, the endpoints, and nothing else"):
            group = next(resource["values"]["id"] for resource in resources if resource["address"] == "aws_security_group.job")
            rules = self.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
            out = [rule for rule in rules["SecurityGroupRules"] if rule["IsEgress"]]
            addresses = [(rule["CidrIpv4"], rule["FromPort"], rule["ToPort"]) for rule in out if "CidrIpv4" in rule]
            self.assertIn(("10.20.30.0/28", 5432, 5432), addresses)
            into = [rule for rule in rules["SecurityGroupRules"] if not rule["IsEgress"]]
            self.assertEqual([rule["ReferencedGroupInfo"]["GroupId"] for rule in into], [group])

        with self.subTest("the schedule asks for Glue"):
            target = self.client("scheduler").get_schedule(GroupName="lotline-onprem", Name="lotline-onprem-crm")["Target"]
            self.assertEqual(json.loads(target["Input"]), {"job": "crm", "engine": "glue"})

    def test_what_would_open_the_site_is_refused(self):
        open_site = {"site_cidr": "0.0.0.0/0", "jdbc_url": "jdbc:postgresql://10.20.30.4:5432/crm", "workers": 1}
        expected = ["expected the site's own addresses", "Found an address without TLS", "Found 1, expected 2 to 100"]
        shown_password = {"jdbc_url": "jdbc:postgresql://10.20.30.4/crm?sslmode=require&password=x"}
        for wrong, words in [(open_site, expected), (shown_password, ["or with a password"])]:
            self.say(self.variables | wrong)
            done = self.run_terraform("plan", "-no-color", "-input=false")
            self.assertEqual(1, done.returncode)
            said = " ".join(done.stderr.replace("│", "").split())
            for word in words:
                self.assertIn(word, said)


if __name__ == "__main__":
    unittest.main()
