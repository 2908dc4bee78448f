"""The template as CloudFormation gets it: lint, tags, least privilege, encryption, dead letters, substitutions.

Names in the tables are logical ids of `template.yaml`. Nothing here talks to AWS.
"""

import functools
import json
import os
import re
import subprocess
import sys
import tomllib
import unittest
from pathlib import Path

from boto3 import Session
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
DEFINITION = ROOT / "infra/job.asl.json"
METRICS = ROOT / "shared/lambda/src/metrics.rs"
NODE = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "node"
REGION = "us-east-1"

# The functions of the state machine, and all.
STAGES = ["IngestFunction", "ValidateFunction", "LinkFunction", "SummarizeFunction", "PublishFunction"]
FUNCTIONS = [*STAGES, "ResolverFunction"]

# AWS puts no tags on these.
NOT_TAGGABLE = {
    "AWS::AppSync::ApiKey",
    "AWS::AppSync::DataSource",
    "AWS::AppSync::GraphQLSchema",
    "AWS::AppSync::Resolver",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::Glue::Database",
    "AWS::IAM::ManagedPolicy",
    "AWS::KMS::Alias",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",  # its group carries the tag
    "AWS::WAFv2::WebACLAssociation",
}

# Statements on every resource, and why AWS takes none narrower.
ON_EVERYTHING = {
    ("LakeKey", "AccountAdministersAndDelegatesByIam"): "a key policy speaks of its own key only",
    ("LakeKey", "ServicesForThisAccount"): "a key policy speaks of its own key only",
    ("LakeKey", "LogGroupsOfThisStack"): "a key policy speaks of its own key only",
    ("EveryFunctionPolicy", "Trace"): "X-Ray knows no resource for its puts",
    ("JobRole", "Trace"): "X-Ray knows no resource for its puts and sampling rules",
    ("JobRole", "DeliverLogs"): "log deliveries and resource policies belong to the account",
    ("ClientExecutionRole", "SignInToRegistry"): "the token is the account's, for all its repositories",
}

# The service that may assume a role; the roles of the functions are for Lambda.
TRUST = {
    "JobRole": "states",
    "UploadRole": "events",
    "ScheduleRole": "scheduler",
    "ApiLogsRole": "appsync",
    "ApiSourceRole": "appsync",
    "ClientExecutionRole": "ecs-tasks",
    "ClientTaskRole": "ecs-tasks",
    "ClientScheduleRole": "scheduler",
}

# Prefixes of the lake by role and right.
LAKE_RIGHTS = {
    "IngestRole": {
        "s3:ListBucket": "drop labels raw runs",
        "s3:GetObject": "drop labels raw runs",
        "s3:PutObject": "raw runs",
        "s3:DeleteObject": "runs",
    },
    "ValidateRole": {
        "s3:ListBucket": "runs",
        "s3:GetObject": "drop raw runs",
        "s3:PutObject": "curated quarantine runs",
    },
    "LinkRole": {
        "s3:ListBucket": "runs",
        "s3:GetObject": "curated runs",
        "s3:PutObject": "curated runs",
    },
    "SummarizeRole": {
        "s3:ListBucket": "curated quarantine runs",
        "s3:GetObject": "curated quarantine runs",
        "s3:PutObject": "curated insights runs",
    },
    "PublishRole": {
        "s3:ListBucket": "curated quarantine runs",
        "s3:GetObject": "curated quarantine runs",
    },
    "ResolverRole": {
        "s3:ListBucket": "curated insights labels quarantine runs",
        "s3:GetObject": "curated insights labels quarantine runs/*/link/model.json runs/*/link/terms runs/*/manifest.json runs/*/reports",
        "s3:PutObject": "drop labels",
    },
    "JobRole": {"s3:GetObject": "runs"},
    "ClientTaskRole": {"s3:PutObject": "summaries"},
}

# Leading keys of the settings table by role and right.
TABLE_RIGHTS = {
    "IngestRole": {
        "dynamodb:GetItem": "JOB#* RUN#*",
        "dynamodb:PutItem": "RUN#*",
        "dynamodb:UpdateItem": "COUNTER RUN#*",
        "dynamodb:Query": "JOBS",
    },
    "PublishRole": {
        "dynamodb:GetItem": "CATALOG PUBLICATION#* RUN#*",
        "dynamodb:PutItem": "CATALOG PUBLICATION#*",
        "dynamodb:UpdateItem": "RUN#*",
    },
    "ResolverRole": {
        "dynamodb:GetItem": "CATALOG JOB#* PUBLICATION#* RUN#*",
        "dynamodb:Query": "JOB#* JOBS",
    },
    "JobRole": {"dynamodb:UpdateItem": "RUN#*"},
}


def tool(name, *arguments):
    """Runs a tool that is installed beside this Python, from the project's folder."""
    environment = os.environ | {
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
    }
    command = [str(Path(sys.executable).parent / name), *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@functools.cache
def source():
    """The template as it is written."""
    return yaml_parse(TEMPLATE.read_text())


@functools.cache
def resources():
    """The resources of the translated template by logical id."""
    template = yaml_parse(TEMPLATE.read_text())
    # What `sam package` puts in place of the paths; the translator takes no others.
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/code"
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::StateMachine":
            resource["Properties"]["DefinitionUri"] = "s3://bucket/definition"
    translator = Translator(managed_policy_map={}, sam_parser=Parser(), boto_session=Session(region_name=REGION))
    return translator.translate(template, parameter_values={})["Resources"]


def of_type(kind):
    """The properties of the resources of a type by logical id."""
    return {name: found["Properties"] for name, found in resources().items() if found["Type"] == kind}


def properties(name):
    return resources()[name]["Properties"]


def as_list(value):
    return value if isinstance(value, list) else [value]


def statements(node):
    """Every policy statement below a node."""
    if isinstance(node, list):
        for child in node:
            yield from statements(child)
    elif isinstance(node, dict):
        if "Effect" in node:
            yield node
        for child in node.values():
            yield from statements(child)


def allowed():
    """Logical id and statement of everything that is allowed, but for who may assume a role."""
    for name, resource in resources().items():
        for statement in statements(resource["Properties"]):
            if statement["Effect"] == "Allow" and statement["Action"] != "sts:AssumeRole":
                yield name, statement


def rights(role, service):
    """Pairs of an action of a service and a statement that allows it to a role."""
    for name, statement in allowed():
        for action in as_list(statement["Action"]):
            if name == role and action.startswith(f"{service}:"):
                yield action, statement


def conditions(statement, key):
    """The values that a statement's conditions want of a key."""
    return [value for test in statement.get("Condition", {}).values() for value in as_list(test.get(key, []))]


def attribute(name, of):
    return {"Fn::GetAtt": [name, of]}


def encrypted_groups():
    """Names of the log groups that CloudWatch Logs may use the key for."""
    for name, statement in allowed():
        if (name, statement["Sid"]) == ("LakeKey", "LogGroupsOfThisStack"):
            for arn in statement["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]:
                yield arn["Fn::Sub"].rpartition(":log-group:")[2]


def gather(table, key, values):
    table.setdefault(key, set()).update(values)


def spelled(table):
    """A table of sets as the tables above have it."""
    return {key: " ".join(sorted(values)) for key, values in table.items()}


class Lint(unittest.TestCase):
    """Other people's rules."""

    def test_cfn_lint_is_clean(self):
        done = tool("cfn-lint", "template.yaml")
        self.assertEqual((0, ""), (done.returncode, done.stdout), done.stderr)

    def test_sam_validate_is_clean(self):
        done = tool("sam", "validate", "--lint", "--template", "template.yaml")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_checkov_finds_nothing(self):
        done = tool("checkov", "-f", "template.yaml", "--framework", "cloudformation", "--skip-download", "-o", "json")
        report = json.loads(done.stdout)
        failed = [(check["check_id"], check["resource"]) for check in report["results"]["failed_checks"]]
        self.assertEqual([], failed)
        self.assertEqual(0, report["summary"]["parsing_errors"])
        self.assertGreater(report["summary"]["passed"], 100)
        for check in report["results"]["skipped_checks"]:
            with self.subTest(check=check["check_id"], resource=check["resource"]):
                self.assertRegex(check["check_result"]["suppress_comment"], r"^[A-Z].{20,}\.$")

    def test_asl_validator_is_clean(self):
        if not DEFINITION.is_file():
            self.skipTest(f"no {DEFINITION.relative_to(ROOT)}")
        if not (NODE / "node_modules/asl-validator").is_dir():
            self.skipTest(f"no asl-validator in {NODE}: npm install --prefix {NODE} asl-validator")
        command = ["npx", "--no-install", "asl-validator", "--json-path", str(DEFINITION)]
        done = subprocess.run(command, cwd=NODE, capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)


class Tags(unittest.TestCase):
    """Everything that can carry the tag `external` does."""

    def test_what_is_not_tagged_is_not_taggable(self):
        for name, resource in resources().items():
            with self.subTest(resource=name, type=resource["Type"]):
                tags = resource["Properties"].get("Tags", {})
                if isinstance(tags, list):
                    tags = {tag["Key"]: tag["Value"] for tag in tags}
                expected = None if resource["Type"] in NOT_TAGGABLE else "true"
                self.assertEqual(expected, tags.get("external"))

    def test_the_resource_schemas_agree(self):
        for kind in {resource["Type"] for resource in resources().values()}:
            with self.subTest(type=kind):
                schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
                self.assertEqual(kind not in NOT_TAGGABLE, schema["tagging"]["taggable"])

    def test_the_stack_is_tagged_and_goes_to_us_east_1(self):
        settings = tomllib.loads((ROOT / "samconfig.toml").read_text())["default"]
        self.assertEqual(REGION, settings["global"]["parameters"]["region"])
        self.assertEqual("external=true", settings["deploy"]["parameters"]["tags"])


class Rights(unittest.TestCase):
    """Who may do what."""

    def test_no_action_has_a_wildcard(self):
        wide = [(name, statement["Sid"]) for name, statement in allowed() if "*" in str(statement["Action"])]
        self.assertEqual([], wide)

    def test_nothing_is_allowed_by_exception(self):
        inverted = {"NotAction", "NotResource", "NotPrincipal"}
        for name, resource in resources().items():
            for statement in statements(resource["Properties"]):
                self.assertFalse(inverted & statement.keys(), name)

    def test_everything_is_a_resource_only_where_aws_takes_nothing_narrower(self):
        wide = {(name, statement["Sid"]) for name, statement in allowed() if "*" in as_list(statement["Resource"])}
        self.assertEqual(set(ON_EVERYTHING), wide)

    def test_a_comment_says_why_beside_every_lone_wildcard(self):
        lines = [line for line in TEMPLATE.read_text().splitlines() if re.search(r"Resource: '\*'", line)]
        self.assertEqual(len(ON_EVERYTHING), len(lines))
        for line in lines:
            self.assertRegex(line, r"'\*' # \w+")

    def test_nobody_is_let_in_from_elsewhere(self):
        account = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
        for name, statement in allowed():
            with self.subTest(resource=name, statement=statement["Sid"]):
                principal = statement.get("Principal", account)
                self.assertTrue(principal == account or set(principal) == {"Service"}, principal)
                if "Service" in principal:
                    self.assertTrue(statement.get("Condition"))

    def test_one_service_may_assume_each_role(self):
        for name, role in of_type("AWS::IAM::Role").items():
            with self.subTest(role=name):
                (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
                service = TRUST.get(name, "lambda")
                self.assertEqual({"Service": f"{service}.amazonaws.com"}, trust["Principal"])
                self.assertEqual(service == "lambda", f"{name.removesuffix('Role')}Function" in FUNCTIONS)

    def test_roles_reach_their_prefixes_of_the_lake(self):
        found = {}
        for role in of_type("AWS::IAM::Role"):
            prefixes = {}
            for action, statement in rights(role, "s3"):
                if action == "s3:ListBucket":
                    self.assertEqual(attribute("LakeBucket", "Arn"), statement["Resource"])
                    listed = conditions(statement, "s3:prefix")
                    gather(prefixes, action, [re.fullmatch(r"(\w+)/\*", prefix)[1] for prefix in listed])
                    continue
                for resource in as_list(statement["Resource"]):
                    prefix = re.fullmatch(r"\$\{LakeBucket\.Arn\}/(\w+(/\*(/\w+)+(\.json)?)?)(/\*)?", resource["Fn::Sub"])
                    self.assertTrue(prefix[5] or prefix[3], resource)
                    gather(prefixes, action, [prefix[1]])
            if prefixes:
                found[role] = spelled(prefixes)
        for prefixes in found.values():
            # Objects are read by version; a multipart upload that is given up is aborted.
            versions, aborts = prefixes.pop("s3:GetObjectVersion", None), prefixes.pop("s3:AbortMultipartUpload", None)
            self.assertIn(versions, (None, prefixes.get("s3:GetObject")))
            self.assertEqual(prefixes.get("s3:PutObject"), aborts)
        self.assertEqual(LAKE_RIGHTS, found)

    def test_roles_reach_their_keys_of_the_table(self):
        found = {}
        for role in of_type("AWS::IAM::Role"):
            keys = {}
            for action, statement in rights(role, "dynamodb"):
                index = {"Fn::Sub": "${SettingsTable.Arn}/index/by_job"}
                self.assertIn(statement["Resource"], (attribute("SettingsTable", "Arn"), index))
                gather(keys, action, conditions(statement, "dynamodb:LeadingKeys"))
            if keys:
                found[role] = spelled(keys)
        self.assertEqual(TABLE_RIGHTS, found)

    def test_glue_is_for_publish_and_for_the_job_that_pulls(self):
        expected = {
            "PublishRole": {"glue:GetTable", "glue:CreateTable", "glue:UpdateTable"},
            "JobRole": {"glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"},
        }
        for role in of_type("AWS::IAM::Role"):
            self.assertEqual(expected.get(role, set()), {action for action, _ in rights(role, "glue")})
        name = properties("JobStateMachine")["DefinitionSubstitutions"]["GlueJobName"]["Fn::Sub"]
        for _, statement in rights("JobRole", "glue"):
            self.assertTrue(statement["Resource"]["Fn::Sub"].endswith(f":job/{name}"))


class Functions(unittest.TestCase):
    """One function a folder, each with its own role and logs."""

    def test_folders_and_functions_match_one_to_one(self):
        binaries = {}
        for name in FUNCTIONS:
            metadata = source()["Resources"][name]["Metadata"]
            self.assertEqual("rust-cargolambda", metadata["BuildMethod"])
            binaries[name] = metadata["BuildProperties"]["Binary"]
        folders = {manifest.parent.name for manifest in ROOT.glob("functions/*/Cargo.toml")}
        self.assertEqual(folders, set(binaries.values()))
        names = {f"{binary.capitalize()}Function" for binary in folders}
        self.assertEqual(names, set(of_type("AWS::Lambda::Function")))

    def test_cargo_lambda_builds_each_as_the_size_is_measured(self):
        build = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["metadata"]["lambda"]["build"]
        packages = {f"lotline-{manifest.parent.name}" for manifest in ROOT.glob("functions/*/Cargo.toml")}
        self.assertEqual(packages, set(build["packages"]))
        self.assertEqual(["infra/build.toml"], build["config"])
        self.assertTrue(build["disable_optimizations"])

    def test_each_has_a_role_and_logs_of_its_own(self):
        for name in FUNCTIONS:
            with self.subTest(function=name):
                stem = name.removesuffix("Function")
                self.assertEqual(attribute(f"{stem}Role", "Arn"), properties(name)["Role"])
                logging = {"LogGroup": {"Ref": f"{stem}Logs"}, "LogFormat": "JSON"}
                self.assertLessEqual(logging.items(), properties(name)["LoggingConfig"].items())
                logs = {str(statement["Resource"]) for _, statement in rights(f"{stem}Role", "logs")}
                self.assertEqual({str(attribute(f"{stem}Logs", "Arn"))}, logs)

    def test_each_is_traced_and_knows_the_lake(self):
        for name in FUNCTIONS:
            with self.subTest(function=name):
                self.assertEqual({"Mode": "Active"}, properties(name)["TracingConfig"])
                variables = properties(name)["Environment"]["Variables"]
                own = {"LOTLINE_STATE_MACHINE"} if name == "ResolverFunction" else set()
                self.assertEqual({"LOTLINE_LAKE", "LOTLINE_TABLE", "LOTLINE_DATABASE"} | own, set(variables))
                self.assertEqual(
                    ("provided.al2023", "bootstrap", 900 if name in STAGES else 28),
                    tuple(properties(name)[key] for key in ("Runtime", "Handler", "Timeout")),
                )

    def test_logs_end_and_are_encrypted(self):
        groups = of_type("AWS::Logs::LogGroup")
        others = {"JobLogs", "ApiLogs", "ClusterLogs", "ClientLogs"}
        self.assertEqual({name.replace("Function", "Logs") for name in FUNCTIONS} | others, set(groups))
        for name, group in groups.items():
            with self.subTest(group=name):
                self.assertEqual({"Ref": "LogRetentionDays"}, group.get("RetentionInDays"))
                self.assertEqual(attribute("LakeKey", "Arn"), group.get("KmsKeyId"))
                # The key lets CloudWatch Logs encrypt groups of these names only.
                encrypted = [prefix.removesuffix("*") for prefix in encrypted_groups()]
                log_group = group["LogGroupName"]["Fn::Sub"]
                self.assertTrue(any(log_group.startswith(prefix) for prefix in encrypted), log_group)


class Starts(unittest.TestCase):
    """What starts the state machine, and where a start goes that fails."""

    def key_services(self):
        for name, statement in allowed():
            if name == "LakeKey" and {"kms:Decrypt", "kms:GenerateDataKey"} <= set(statement["Action"]):
                yield from as_list(statement["Principal"].get("Service", []))

    def test_uploads_to_drop_start_it(self):
        rule = properties("UploadRule")
        self.assertEqual(["Object Created"], rule["EventPattern"]["detail-type"])
        self.assertEqual({"key": [{"prefix": "drop/"}], "size": [{"numeric": [">", 0]}]}, rule["EventPattern"]["detail"]["object"])
        (target,) = rule["Targets"]
        self.assertEqual({"Ref": "JobStateMachine"}, target["Arn"])
        self.assertFalse({"Input", "InputPath", "InputTransformer"} & target.keys())
        notifications = properties("LakeBucket")["NotificationConfiguration"]
        self.assertEqual({"EventBridgeConfiguration": {"EventBridgeEnabled": True}}, notifications)

    def test_no_function_writes_where_uploads_are_watched(self):
        writers = {role for role, prefixes in LAKE_RIGHTS.items() if "drop" in prefixes.get("s3:PutObject", "").split()}
        self.assertEqual({"ResolverRole"}, writers, "it presigns what people upload, which is what starts runs")

    def test_dead_letters_of_the_rule_get_in(self):
        (target,) = properties("UploadRule")["Targets"]
        self.assertEqual({"Arn": attribute("FailedStartsQueue", "Arn")}, target["DeadLetterConfig"])
        self.assertEqual([{"Ref": "FailedStartsQueue"}], properties("FailedStartsQueuePolicy")["Queues"])
        (statement,) = [statement for name, statement in allowed() if name == "FailedStartsQueuePolicy"]
        expected = {
            "Sid": "UploadRuleSends",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": attribute("FailedStartsQueue", "Arn"),
            "Condition": {"ArnEquals": {"aws:SourceArn": attribute("UploadRule", "Arn")}},
        }
        self.assertEqual(expected, statement)
        self.assertEqual(attribute("LakeKey", "Arn"), properties("FailedStartsQueue")["KmsMasterKeyId"])
        self.assertIn("events.amazonaws.com", self.key_services())

    def test_dead_letters_of_the_schedules_get_in(self):
        for schedule, role in [("JobSchedule", "ScheduleRole"), ("ClientSchedule", "ClientScheduleRole")]:
            target = properties(schedule)["Target"]
            self.assertEqual(attribute(role, "Arn"), target["RoleArn"])
            self.assertEqual({"Arn": attribute("FailedStartsQueue", "Arn")}, target["DeadLetterConfig"])
            (send,) = rights(role, "sqs")
            self.assertEqual(("sqs:SendMessage", attribute("FailedStartsQueue", "Arn")), (send[0], send[1]["Resource"]))
            keys = {action: statement["Resource"] for action, statement in rights(role, "kms")}
            self.assertEqual(dict.fromkeys(["kms:Decrypt", "kms:GenerateDataKey"], attribute("LakeKey", "Arn")), keys)

    def test_the_schedule_names_its_job(self):
        schedule = properties("JobSchedule")["Target"]["Input"]["Fn::Sub"]
        self.assertEqual({"job": "${ScheduledJob}"}, json.loads(schedule))
        for name in ("JobSchedule", "ScheduleRole"):
            self.assertEqual("HasSchedule", resources()[name]["Condition"])
        self.assertEqual("HasAnySchedule", resources()["ScheduleGroup"]["Condition"])

    def test_every_alarm_reaches_the_topic(self):
        for name, alarm in of_type("AWS::CloudWatch::Alarm").items():
            self.assertEqual([{"Ref": "AlarmTopic"}], alarm.get("AlarmActions"), name)
        self.assertIn("cloudwatch.amazonaws.com", self.key_services())

    def test_alarms_and_dashboard_watch_metrics_that_are_written(self):
        written = set(re.findall(r'"([\w.]+)"', METRICS.read_text()))
        watched = set(re.findall(r'MetricName=\\"(\w+)', properties("Dashboard")["DashboardBody"]["Fn::Sub"]))
        for alarm in of_type("AWS::CloudWatch::Alarm").values():
            for found in alarm.get("Metrics", []):
                metric = found.get("MetricStat", {}).get("Metric", {})
                if metric.get("Namespace") == "Lotline":
                    watched |= {metric["MetricName"], *(dimension["Value"] for dimension in metric["Dimensions"])}
        self.assertLessEqual({"RowsRead", "validate.table", "UsdEstimate"}, watched)
        self.assertLessEqual(watched, written)

    def test_the_dashboard_is_json(self):
        body = properties("Dashboard")["DashboardBody"]["Fn::Sub"]
        self.assertGreater(len(json.loads(body)["widgets"]), 5)


class Definition(unittest.TestCase):
    """The state machine's definition gets what it asks for."""

    def test_substitutions_are_those_of_the_definition(self):
        if not DEFINITION.is_file():
            self.skipTest(f"no {DEFINITION.relative_to(ROOT)}")
        asked = set(re.findall(r"\$\{(\w+)\}", DEFINITION.read_text()))
        self.assertEqual(asked, set(properties("JobStateMachine")["DefinitionSubstitutions"]))

    def test_functions_are_passed_and_may_be_invoked(self):
        arns = {f"{name}Arn": attribute(name, "Arn") for name in STAGES}
        self.assertLessEqual(arns.items(), properties("JobStateMachine")["DefinitionSubstitutions"].items())
        ((action, invoke),) = rights("JobRole", "lambda")
        self.assertEqual(("lambda:InvokeFunction", list(arns.values())), (action, invoke["Resource"]))

    def test_logs_hold_no_data(self):
        logging = properties("JobStateMachine")["LoggingConfiguration"]
        self.assertFalse(logging["IncludeExecutionData"])
        self.assertEqual("ALL", logging["Level"])


if __name__ == "__main__":
    unittest.main()
