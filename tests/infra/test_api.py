"""The GraphQL API and its client as the template has them: the contract by AppSync's rules, one resolver a root field,
rights to the fields that are asked for, a container that can do little. Nothing here talks to AWS.
"""

import re
import tomllib
import unittest
from pathlib import Path

import graphql
from graphql.language import ast

from test_template import allowed, as_list, attribute, of_type, properties, resources, rights, source

ROOT = Path(__file__).resolve().parents[2]
SDL = (ROOT / "infra/schema.graphql").read_text()
QUERIES = sorted((ROOT / "client/queries").glob("*.graphql"))
# AppSync knows these by itself; they must not be declared in the schema, and other tools must be told of them.
PRELUDE = """
scalar AWSDate
scalar AWSDateTime
scalar AWSEmail
scalar AWSIPAddress
scalar AWSJSON
scalar AWSPhone
scalar AWSTime
scalar AWSTimestamp
scalar AWSURL
directive @aws_api_key on OBJECT | FIELD_DEFINITION
directive @aws_auth(cognito_groups: [String]) on OBJECT | FIELD_DEFINITION
directive @aws_cognito_user_pools(cognito_groups: [String]) on OBJECT | FIELD_DEFINITION
directive @aws_iam on OBJECT | FIELD_DEFINITION
directive @aws_lambda on OBJECT | FIELD_DEFINITION
directive @aws_oidc on OBJECT | FIELD_DEFINITION
directive @aws_publish(subscriptions: [String]) on FIELD_DEFINITION
directive @aws_subscribe(mutations: [String]) on FIELD_DEFINITION
"""


def contract():
    return graphql.build_schema(PRELUDE + SDL)


def depth(kind):
    """Levels of fields below a type."""
    kind = graphql.get_named_type(kind)
    return 1 + max(depth(field.type) for field in kind.fields.values()) if graphql.is_object_type(kind) else 0


class Schema(unittest.TestCase):
    """`infra/schema.graphql` is what AppSync takes."""

    def test_it_is_valid(self):
        self.assertEqual([], graphql.validate_schema(contract()))

    def test_it_has_only_what_appsync_takes(self):
        refused = (ast.TypeExtensionNode, ast.SchemaExtensionNode, ast.DirectiveDefinitionNode, ast.ScalarTypeDefinitionNode)
        for definition in graphql.parse(SDL).definitions:
            self.assertNotIsInstance(definition, refused)

    def test_every_type_that_is_answered_says_who_may_read_it(self):
        for definition in graphql.parse(SDL).definitions:
            if isinstance(definition, ast.ObjectTypeDefinitionNode):
                names = {directive.name.value for directive in definition.directives}
                self.assertIn("aws_iam", names, definition.name.value)

    def test_the_depth_limit_lets_every_field_be_asked_for(self):
        deepest = max(depth(contract().query_type), depth(contract().mutation_type))
        limit = properties("Api")["QueryDepthLimit"]
        self.assertTrue(deepest <= limit <= deepest + 1, (deepest, limit))


class Api(unittest.TestCase):
    """The API and its resolvers."""

    def test_every_root_field_has_one_resolver(self):
        found = [(resolver["TypeName"], resolver["FieldName"]) for resolver in of_type("AWS::AppSync::Resolver").values()]
        roots = (contract().query_type, contract().mutation_type)
        self.assertEqual(sorted((root.name, field) for root in roots for field in root.fields), sorted(found))

    def test_resolvers_wait_for_the_schema_and_have_no_code(self):
        for name, resolver in of_type("AWS::AppSync::Resolver").items():
            with self.subTest(resolver=name):
                self.assertEqual("ApiSchema", resources()[name]["DependsOn"])
                self.assertEqual({"ApiId", "TypeName", "FieldName", "DataSourceName"}, set(resolver))
                self.assertEqual(attribute("ApiSource", "Name"), resolver["DataSourceName"])

    def test_the_function_is_invoked_by_the_api_alone(self):
        self.assertEqual({"LambdaFunctionArn": attribute("ResolverFunction", "Arn")}, properties("ApiSource")["LambdaConfig"])
        invoking = [
            name
            for name, statement in allowed()
            if "lambda:InvokeFunction" in as_list(statement["Action"])
            and attribute("ResolverFunction", "Arn") in as_list(statement["Resource"])
        ]
        self.assertEqual(["ApiSourceRole"], invoking)

    def test_callers_sign_in(self):
        api = properties("Api")
        self.assertEqual("AWS_IAM", api["AuthenticationType"])
        self.assertEqual([{"AuthenticationType": "API_KEY"}], api["AdditionalAuthenticationProviders"])
        self.assertEqual("HasApiKey", resources()["ApiKey"]["Condition"])

    def test_its_log_has_no_data_and_the_name_that_appsync_wants(self):
        self.assertTrue(properties("Api")["LogConfig"]["ExcludeVerboseContent"])
        self.assertEqual({"Fn::Sub": "/aws/appsync/apis/${Api.ApiId}"}, properties("ApiLogs")["LogGroupName"])

    def test_the_firewall_is_a_choice(self):
        for name in ("Firewall", "FirewallAssociation"):
            self.assertEqual("HasFirewall", resources()[name]["Condition"])
        self.assertEqual(0, source()["Parameters"]["ApiRequestsPerAddress"]["Default"])


class Client(unittest.TestCase):
    """The container that checks the summary."""

    def test_its_queries_are_valid(self):
        self.assertTrue(QUERIES)
        for query in QUERIES:
            with self.subTest(query=query.name):
                self.assertEqual([], graphql.validate(contract(), graphql.parse(query.read_text())))

    def test_it_may_ask_for_what_its_queries_ask_for(self):
        asked = set()
        for query in QUERIES:
            for operation in graphql.parse(query.read_text()).definitions:
                kind = operation.operation.value.capitalize()
                asked |= {f"{kind}/fields/{field.name.value}" for field in operation.selection_set.selections}
        ((action, statement),) = rights("ClientTaskRole", "appsync")
        self.assertEqual("appsync:GraphQL", action)
        granted = {resource["Fn::Sub"].removeprefix("${Api.Arn}/types/") for resource in statement["Resource"]}
        self.assertEqual(asked, granted)

    def test_its_container_can_do_little(self):
        task = properties("ClientTask")
        (container,) = task["ContainerDefinitions"]
        self.assertEqual((["FARGATE"], "awsvpc"), (task["RequiresCompatibilities"], task["NetworkMode"]))
        self.assertIs(True, container["ReadonlyRootFilesystem"])
        self.assertEqual(["ALL"], container["LinuxParameters"]["Capabilities"]["Drop"])
        self.assertFalse({"Privileged", "MountPoints", "Secrets", "PortMappings"} & container.keys())
        self.assertFalse({"Volumes", "PidMode"} & task.keys())
        dockerfile = (ROOT / "client/Dockerfile").read_text()
        self.assertIn(f"USER {container['User']}\n", dockerfile)
        self.assertNotIn("0", container["User"].split(":"))

    def test_its_variables_are_those_it_reads(self):
        (container,) = properties("ClientTask")["ContainerDefinitions"]
        given = {variable["Name"] for variable in container["Environment"]}
        read = set(re.findall(r'env = "(LOTLINE_\w+)"', (ROOT / "client/src/settings.rs").read_text()))
        self.assertLessEqual(given - {"AWS_REGION"}, read)
        self.assertLessEqual({"LOTLINE_ENDPOINT", "LOTLINE_JOB", "LOTLINE_OUT", "LOTLINE_AUTH"}, given)

    def test_its_processor_is_that_of_the_functions(self):
        expected = {"Fn::If": ["IsArm", "ARM64", "X86_64"]}
        self.assertEqual(expected, properties("ClientTask")["RuntimePlatform"]["CpuArchitecture"])

    def test_its_image_is_that_of_this_version(self):
        version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
        self.assertEqual(version, source()["Parameters"]["ClientImageTag"]["Default"])
        self.assertEqual("IMMUTABLE", properties("ClientRepository")["ImageTagMutability"])

    def test_a_deployment_without_a_network_has_none(self):
        network = source()["Conditions"]
        self.assertEqual("HasClientNetwork", resources()["ClientSecurityGroup"]["Condition"])
        self.assertIn({"Condition": "HasClientNetwork"}, network["HasClientSchedule"]["Fn::And"])
        for name in ("ClientSchedule", "ClientScheduleRole"):
            self.assertEqual("HasClientSchedule", resources()[name]["Condition"])
        for parameter in ("ClientVpcId", "ClientSubnets", "ClientScheduleExpression"):
            self.assertEqual("", source()["Parameters"][parameter]["Default"])

    def test_it_reaches_out_by_https_only(self):
        (out,) = properties("ClientSecurityGroup")["SecurityGroupEgress"]
        self.assertEqual(("tcp", 443, 443), (out["IpProtocol"], out["FromPort"], out["ToPort"]))
        self.assertNotIn("SecurityGroupIngress", properties("ClientSecurityGroup"))

    def test_its_schedule_hands_over_its_two_roles(self):
        task = properties("ClientTask")
        ((action, statement),) = rights("ClientScheduleRole", "iam")
        self.assertEqual(("iam:PassRole", [task["ExecutionRoleArn"], task["TaskRoleArn"]]), (action, statement["Resource"]))

    def test_failures_reach_the_alarms_topic(self):
        rule = properties("ClientFailedRule")
        self.assertEqual([{"Ref": "AlarmTopic"}], [target["Arn"] for target in rule["Targets"]])
        senders = [statement["Principal"]["Service"] for name, statement in allowed() if name == "AlarmTopicPolicy"]
        self.assertIn("events.amazonaws.com", senders)


if __name__ == "__main__":
    unittest.main()
