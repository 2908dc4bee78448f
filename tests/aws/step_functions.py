"""What moto 5.2.5's Step Functions interpreter lacks to run a JSONata state machine with Distributed Maps.

Each repair names what it mends. The pinned version matters: read the changes before moving.
"""

import json
import sys
import uuid


def repair():
    import moto.stepfunctions.parser.models  # noqa: F401  everything must be imported before it is repaired

    _evaluate_jsonata()
    _escape_string_variables()
    _count_failed_items()
    _name_executions()
    _forget_refused_definitions()
    _wait_for_glue_jobs()


def _evaluate_jsonata():
    """The evaluator wants a Java machine; jsonata-python is a port of the same engine."""
    import jsonata
    import moto.stepfunctions.parser.asl.jsonata.jsonata as moto_jsonata

    def evaluate(expression):
        try:
            return jsonata.Jsonata(expression).evaluate(None)
        except Exception as error:
            raise moto_jsonata.JSONataException("UNKNOWN", str(error)) from error

    for name, module in list(sys.modules.items()):
        if name.startswith("moto.stepfunctions") and hasattr(module, "eval_jsonata_expression"):
            module.eval_jsonata_expression = evaluate


def _escape_string_variables():
    """String variables are pasted between quotes as they are, so one with a quote breaks the expression."""
    import moto.stepfunctions.parser.asl.eval.states as states
    import moto.stepfunctions.parser.asl.eval.variable_store as variable_store
    import moto.stepfunctions.parser.asl.jsonata.jsonata as moto_jsonata
    from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

    def declare(bindings):
        return "".join(f"{name}:={to_json_str(value)};" for name, value in bindings.items())

    for module in (states, variable_store, moto_jsonata):
        module.encode_jsonata_variable_declarations = declare


def _count_failed_items():
    """Failed items of a Distributed Map end as nulls in a Map that succeeds; a Map of ours tolerates none."""
    from moto.stepfunctions.parser.api import HistoryEventType, MapRunFailedEventDetails
    from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
        FailureEvent,
        FailureEventException,
    )
    from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
    from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
    from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
        DistributedIterationComponent,
    )
    from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

    run = DistributedIterationComponent._map_run

    def map_run(self, env, eval_input):
        run(self, env, eval_input)
        counter = eval_input.map_run_record.item_counter
        failed = counter.failed.get() + counter.timed_out.get() + counter.aborted.get()
        if not failed:
            return
        env.stack.pop()
        kind = StatesErrorNameType.StatesExceedToleratedFailureThreshold
        details = MapRunFailedEventDetails(error=kind.to_name(), cause=f"{failed} items failed")
        raise FailureEventException(
            FailureEvent(
                env=env,
                error_name=StatesErrorName(typ=kind),
                event_type=HistoryEventType.MapRunFailed,
                event_details=EventDetails(mapRunFailedEventDetails=details),
            )
        )

    DistributedIterationComponent._map_run = map_run


def _name_executions():
    """Without a name every execution is called `None`, so a second one is refused."""
    from moto.stepfunctions.parser.models import StepFunctionsParserBackend

    start = StepFunctionsParserBackend.start_execution

    def start_execution(self, state_machine_arn, name=None, *arguments, **named):
        return start(self, state_machine_arn, name or str(uuid.uuid4()), *arguments, **named)

    StepFunctionsParserBackend.start_execution = start_execution


def _forget_refused_definitions():
    """All parsers share one list of query languages, so a refused definition spoils the next."""
    from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

    def start(self):
        self._query_language_per_scope = []

    Preprocessor.__init__ = start


def _wait_for_glue_jobs():
    """A task that waits for a Glue job stumbles at its end over the callback that it does not have."""
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_glue import (
        StateTaskServiceGlue,
    )

    def wait(self, env, **request):
        env.stack.append(self._eval_sync(env, self._build_sync_resolver(env, **request), None, None, None))

    StateTaskServiceGlue._eval_integration_pattern = wait


def history(client, execution):
    """The states of an execution in order: (name, seconds from entering to leaving it)."""
    entered, states = {}, []
    for page in client.get_paginator("get_execution_history").paginate(executionArn=execution):
        for event in page["events"]:
            if name := event.get("stateEnteredEventDetails", {}).get("name"):
                entered[name] = event["timestamp"]
            if name := event.get("stateExitedEventDetails", {}).get("name"):
                states.append((name, (event["timestamp"] - entered.get(name, event["timestamp"])).total_seconds()))
    return states


def output(execution):
    """The output of a described execution."""
    return json.loads(execution["output"])
