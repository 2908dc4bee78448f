"""The project's own template, deployed to the emulator with binaries built for this machine.

What has no behavior on the emulator (roles, keys, alarms, log groups, ...) is named but not made; `tests/infra` checks
what the template says of it.
"""

import io
import json
import pathlib
import re
import zipfile

import boto3
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACCOUNT, REGION = "123456789012", "us-east-1"


class Stack:
    """A deployed stack: physical names by logical id, and a client for every service."""

    def __init__(self, endpoint, binaries, name="lotline", **parameters):
        self.endpoint, self.binaries, self.name = endpoint, pathlib.Path(binaries), name
        self.template = translated()
        defaults = {key: str(value["Default"]) for key, value in self.template["Parameters"].items()}
        self.parameters = {**defaults, **parameters}
        resources = self.template["Resources"].items()
        self.resources = {name: resource for name, resource in resources if self._holds(resource.get("Condition"))}
        # The emulator wants a role that exists, and checks nothing more of it.
        trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        iam = self.client("iam")
        self.role = iam.create_role(RoleName="emulated", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        for kind, make in [
            ("AWS::S3::Bucket", self._bucket),
            ("AWS::DynamoDB::Table", self._table),
            ("AWS::Glue::Database", self._database),
            ("AWS::SQS::Queue", self._queue),
            ("AWS::Lambda::Function", self._function),
            ("AWS::StepFunctions::StateMachine", self._machine),
            ("AWS::Events::Rule", self._rule),
            ("AWS::Scheduler::ScheduleGroup", self._schedule_group),
            ("AWS::Scheduler::Schedule", self._schedule),
        ]:
            for logical_id, resource in self.resources.items():
                if resource["Type"] == kind:
                    make(logical_id, self.resolve(resource.get("Properties", {})))
        self._describe()

    def client(self, service):
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.endpoint, region_name=REGION, **keys)

    def physical(self, logical_id):
        """The name of a resource: the one it asks for, or one made of the stack's name."""
        properties = self.resources[logical_id].get("Properties", {})
        for wish in ("BucketName", "TableName", "FunctionName", "QueueName", "StateMachineName", "Name"):
            if wish in properties:
                return self.resolve(properties[wish])
        if self.resources[logical_id]["Type"] == "AWS::Glue::Database" and "Name" in properties["DatabaseInput"]:
            return self.resolve(properties["DatabaseInput"]["Name"])
        return f"{self.name}-{logical_id}".lower()

    def arn(self, logical_id):
        name = self.physical(logical_id)
        forms = {
            "AWS::S3::Bucket": f"arn:aws:s3:::{name}",
            "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}",
            "AWS::Lambda::Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}",
            "AWS::StepFunctions::StateMachine": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}",
            "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}",
            "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        }
        return forms.get(self.resources[logical_id]["Type"], f"arn:aws:other:{REGION}:{ACCOUNT}:{name}")

    def _describe(self):
        """A stack of CloudFormation that makes nothing and says what was deployed, for `--stack`."""
        shown = [(name, output) for name, output in self.template["Outputs"].items() if self._holds(output.get("Condition"))]
        outputs = {name: {"Value": self.resolve(output["Value"])} for name, output in shown}
        made = [
            {"LogicalResourceId": name, "PhysicalResourceId": self._ref(name), "ResourceType": resource["Type"]}
            for name, resource in self.resources.items()
        ]
        template = {
            "Metadata": {"Made": made},
            "Parameters": {name: {"Type": "String"} for name in self.parameters},
            "Resources": {"Nothing": {"Type": "AWS::CloudFormation::WaitConditionHandle"}},
            "Outputs": outputs,
        }
        given = [{"ParameterKey": name, "ParameterValue": value} for name, value in self.parameters.items()]
        self.client("cloudformation").create_stack(
            StackName=self.name, TemplateBody=json.dumps(template), Parameters=given
        )

    def zipped(self, binary):
        """A function's zip: it starts the binary where it lies, for a zip of tens of MB takes seconds to deploy."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as out:
            out.writestr("bootstrap", f"#!/bin/sh\nexec '{(self.binaries / binary).resolve()}'\n")
        return archive.getvalue()

    def resolve(self, value):
        """A value with CloudFormation's functions worked out."""
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument), = value.items()
            if function == "Ref":
                return self._ref(argument)
            if function == "Fn::GetAtt":
                logical_id, attribute = argument if isinstance(argument, list) else argument.split(".")
                return self.arn(logical_id) if attribute == "Arn" else self.physical(logical_id)
            if function == "Fn::Sub":
                return self._sub(argument)
            if function == "Fn::Join":
                return argument[0].join(map(str, self.resolve(argument[1])))
            if function == "Fn::If":
                return self.resolve(argument[1] if self._holds(argument[0]) else argument[2])
            if function == "Fn::Equals":
                return self.resolve(argument[0]) == self.resolve(argument[1])
            if function == "Fn::Not":
                return not self.resolve(argument[0])
            if function == "Fn::And":
                return all(map(self.resolve, argument))
            if function == "Fn::Or":
                return any(map(self.resolve, argument))
            if function == "Condition" and isinstance(argument, str):
                return self._holds(argument)
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}

    def _holds(self, condition):
        return condition is None or self.resolve(self.template["Conditions"][condition])

    def _ref(self, name):
        pseudo = {
            "AWS::Region": REGION,
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::StackName": self.name,
            "AWS::NoValue": NO_VALUE,
        }
        if name in pseudo:
            return pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        kind = self.resources[name]["Type"]
        if kind == "AWS::SQS::Queue":
            return f"{self.endpoint}/{ACCOUNT}/{self.physical(name)}"
        return self.arn(name) if kind in ("AWS::StepFunctions::StateMachine", "AWS::SNS::Topic") else self.physical(name)

    def _sub(self, argument):
        text, own = argument if isinstance(argument, list) else (argument, {})

        def replace(found):
            name = found.group(1)
            if name in own:
                return str(self.resolve(own[name]))
            if "." in name:
                return self.resolve({"Fn::GetAtt": name.split(".")})
            return str(self._ref(name))

        return re.sub(r"\$\{([^!}]+)\}", replace, text)

    def _bucket(self, logical_id, properties):
        s3, name = self.client("s3"), self.physical(logical_id)
        s3.create_bucket(Bucket=name)
        if status := properties.get("VersioningConfiguration"):
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": status["Status"]})
        if "EventBridgeConfiguration" in properties.get("NotificationConfiguration", {}):
            s3.put_bucket_notification_configuration(
                Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
            )

    def _table(self, logical_id, properties):
        wanted = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
        self.client("dynamodb").create_table(
            TableName=self.physical(logical_id), **{name: properties[name] for name in wanted}
        )

    def _database(self, logical_id, _):
        self.client("glue").create_database(DatabaseInput={"Name": self.physical(logical_id)})

    def _queue(self, logical_id, _):
        self.client("sqs").create_queue(QueueName=self.physical(logical_id))

    def _function(self, logical_id, properties):
        self.client("lambda").create_function(
            FunctionName=self.physical(logical_id),
            Runtime=properties["Runtime"],
            Handler=properties["Handler"],
            Role=self.role,
            Code={"ZipFile": self.zipped(properties["Code"]["S3Key"])},
            Timeout=properties["Timeout"],
            MemorySize=properties["MemorySize"],
            Environment=properties["Environment"],
        )

    def _machine(self, logical_id, properties):
        definition = (ROOT / properties["Definition"]).read_text()
        for name, value in properties["DefinitionSubstitutions"].items():
            definition = definition.replace("${%s}" % name, str(value))
        self.client("stepfunctions").create_state_machine(
            name=self.physical(logical_id), definition=definition, roleArn=self.role
        )

    def _rule(self, logical_id, properties):
        events = self.client("events")
        name = self.physical(logical_id)
        events.put_rule(Name=name, EventPattern=json.dumps(properties["EventPattern"]), State="ENABLED")
        targets = [{"Id": target["Id"], "Arn": target["Arn"]} for target in properties["Targets"]]
        events.put_targets(Rule=name, Targets=targets)

    def _schedule_group(self, _, properties):
        self.client("scheduler").create_schedule_group(Name=properties["Name"])

    def _schedule(self, _, properties):
        self.client("scheduler").create_schedule(**properties)


NO_VALUE = object()


def translated():
    """The template as CloudFormation gets it: a function's code is its binary, a machine's definition its file."""
    template = yaml_parse((ROOT / "template.yaml").read_text())
    definitions = {}
    for logical_id, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            properties["CodeUri"] = {"Bucket": "artifacts", "Key": resource["Metadata"]["BuildProperties"]["Binary"]}
        if resource["Type"] == "AWS::Serverless::StateMachine":
            definitions[logical_id] = properties["DefinitionUri"]
            properties["DefinitionUri"] = {"Bucket": "artifacts", "Key": "definition"}
    template = transform(template, {}, NoManagedPolicies())
    for logical_id, path in definitions.items():
        template["Resources"][logical_id]["Properties"]["Definition"] = path
    return template


class NoManagedPolicies:
    """Roles are written by hand, so that no managed policy needs looking up."""

    def load(self):
        return {}
