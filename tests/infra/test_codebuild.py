"""The CodeBuild project: other people's rules, rights that end at the stack, a buildspec that fits the project it runs in."""

import functools
import json
import re
import unittest

from samtranslator.yaml_helper import yaml_parse

from test_template import ROOT, as_list, statements, tool

SEED = ROOT / "infra/codebuild/seed.yaml"
BUILDSPEC = ROOT / "infra/codebuild/buildspec.yml"
# Statements on every resource, and why AWS takes none narrower.
ON_EVERYTHING = {
    "AccountAdministersAndDelegatesByIam": "a key policy speaks of its own key only",
    "LogGroupOfTheProject": "a key policy speaks of its own key only",
    "LookAtATemplateThatIsNoStackYet": "it has no name of its own",
    "LookAtTheNetwork": "EC2 knows no resource for looking",
    "MakeAKey": "a key has no name before it is made; it must get the tag",
    "Look": "lists know no resource",
}


@functools.cache
def seed():
    return yaml_parse(SEED.read_text())


def properties(name):
    return seed()["Resources"][name]["Properties"]


def commands():
    phases = yaml_parse(BUILDSPEC.read_text())["phases"]
    return [command for phase in phases.values() for command in phase["commands"]]


class Lint(unittest.TestCase):
    def test_cfn_lint_is_clean(self):
        done = tool("cfn-lint", str(SEED.relative_to(ROOT)))
        self.assertEqual((0, ""), (done.returncode, done.stdout), done.stderr)

    def test_checkov_finds_nothing(self):
        done = tool("checkov", "-f", str(SEED), "--framework", "cloudformation", "--skip-download", "-o", "json")
        report = json.loads(done.stdout)
        failed = [(check["check_id"], check["resource"]) for check in report["results"]["failed_checks"]]
        self.assertEqual([], failed)
        self.assertEqual(0, report["summary"]["parsing_errors"])
        self.assertGreater(report["summary"]["passed"], 20)


class Rights(unittest.TestCase):
    def test_nobody_is_an_administrator(self):
        allowed = [found for found in statements(seed()["Resources"]) if found["Effect"] == "Allow"]
        for statement in allowed:
            with self.subTest(statement=statement.get("Sid")):
                self.assertNotIn("*", as_list(statement["Action"]))
                self.assertFalse({"NotAction", "NotResource"} & statement.keys())
                if "iam:PassRole" in as_list(statement["Action"]):
                    self.assertNotIn("*", as_list(statement["Resource"]))
        wide = {found["Sid"] for found in allowed if as_list(found.get("Resource", "")) == ["*"]}
        self.assertEqual(set(ON_EVERYTHING), wide)

    def test_administrators_policies_are_refused(self):
        pattern = seed()["Parameters"]["PolicyArns"]["AllowedPattern"]
        for policy, taken in [
            ("", True),
            ("arn:aws:iam::123456789012:policy/site", True),
            ("arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess", True),
            ("arn:aws:iam::aws:policy/AdministratorAccess", False),
            ("arn:aws:iam::aws:policy/PowerUserAccess", False),
            ("arn:aws:iam::aws:policy/IAMFullAccess", False),
        ]:
            self.assertEqual(taken, bool(re.search(pattern, policy)), policy)

    def test_the_build_hands_over_only_the_deployments_role(self):
        (passed,) = [found for found in statements(properties("BuildRole")) if "iam:PassRole" in as_list(found["Action"])]
        self.assertEqual({"Fn::GetAtt": ["DeployRole", "Arn"]}, passed["Resource"])
        self.assertEqual({"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}, passed["Condition"])


class Project(unittest.TestCase):
    def test_the_url_is_that_of_the_project(self):
        url = seed()["Outputs"]["ProjectUrl"]["Value"]["Fn::Sub"]
        values = {"AWS::Region": "us-east-1", "AWS::AccountId": "123456789012", "Project": "lotline-deploy"}
        resolved = re.sub(r"\$\{([^}]+)\}", lambda found: values[found[1]], url)
        expected = "https://us-east-1.console.aws.amazon.com/codesuite/codebuild/123456789012/projects/lotline-deploy?region=us-east-1"
        self.assertEqual(expected, resolved)

    def test_everything_is_tagged(self):
        untagged = {"AWS::S3::BucketPolicy", "AWS::IAM::ManagedPolicy"}
        for name, resource in seed()["Resources"].items():
            expected = [] if resource["Type"] in untagged else [{"Key": "external", "Value": "true"}]
            self.assertEqual(expected, resource["Properties"].get("Tags", []), name)

    def test_its_commands_are_tested_before_they_deploy(self):
        ran = commands()
        order = [next(place for place, command in enumerate(ran) if wanted in command) for wanted in
                 ("bash .ci/run", "sam build", "sam deploy", "settings push")]
        self.assertEqual(sorted(order), order)
        self.assertTrue((ROOT / ".ci/run").is_file())
        self.assertEqual(str(BUILDSPEC.relative_to(ROOT)), properties("Project")["Source"]["BuildSpec"])

    def test_its_variables_are_those_that_the_commands_read(self):
        given = {variable["Name"] for variable in properties("Project")["Environment"]["EnvironmentVariables"]}
        read = set(re.findall(r"\$([A-Z_]{6,})", "\n".join(commands())))
        self.assertEqual(given, read)

    def test_sam_is_the_one_that_the_template_is_checked_with(self):
        pins = (ROOT / "tests/infra/requirements.txt").read_text().splitlines()
        (sam,) = [pin for pin in pins if pin.startswith("aws-sam-cli==")]
        self.assertIn(sam, "\n".join(commands()))


if __name__ == "__main__":
    unittest.main()
