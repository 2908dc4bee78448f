"""A GraphQL server over HTTP that asks a resolver function as AppSync does: one event a root field, its answer as it
comes. The contract is read as it is; what AppSync declares itself stands in the prelude.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import graphql

PRELUDE = """
scalar AWSDateTime
scalar AWSJSON
scalar AWSURL
directive @aws_iam on OBJECT | FIELD_DEFINITION
directive @aws_api_key on OBJECT | FIELD_DEFINITION
"""


def event(info, arguments):
    """What AppSync sends a direct resolver for a root field."""
    return {
        "arguments": arguments,
        "identity": {"accountId": "123456789012", "userArn": "arn:aws:iam::123456789012:role/reader", "username": "reader"},
        "source": None,
        "request": {"headers": {}, "domainName": None},
        "prev": None,
        "stash": {},
        "info": {
            "fieldName": info.field_name,
            "parentTypeName": info.parent_type.name,
            "variables": info.variable_values if isinstance(info.variable_values, dict) else {},
            "selectionSetList": list(selected(info, info.field_nodes, "")),
        },
    }


def selected(info, nodes, prefix):
    """Paths of the selected fields, fragments followed."""
    for node in nodes:
        for chosen in node.selection_set.selections if node.selection_set else ():
            if isinstance(chosen, graphql.FieldNode):
                yield prefix + chosen.name.value
                yield from selected(info, [chosen], prefix + chosen.name.value + "/")
            elif isinstance(chosen, graphql.FragmentSpreadNode):
                yield from selected(info, [info.fragments[chosen.name.value]], prefix)
            else:
                yield from selected(info, [chosen], prefix)


class AppSync:
    """Serves the contract; `invoke` takes an event and answers its value, or raises with a type."""

    def __init__(self, contract, invoke):
        self.schema = graphql.build_schema(PRELUDE + contract)
        for root in (self.schema.query_type, self.schema.mutation_type):
            for field in root.fields.values():
                field.resolve = lambda _, info, /, **arguments: invoke(event(info, arguments))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/graphql"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def execute(self, query, variables=None):
        """The answer to a query, its errors with the types that AppSync shows."""
        done = graphql.graphql_sync(self.schema, query, variable_values=variables)
        answer = {"data": done.data}
        if done.errors:
            answer["errors"] = [
                {"message": error.message, "errorType": getattr(error.original_error, "kind", None)} for error in done.errors
            ]
        return answer

    def _handler(appsync):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                body = json.dumps(appsync.execute(asked["query"], asked.get("variables"))).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler


class Refused(Exception):
    """A resolver's error with its type."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind
