"""Failures under the names of `shared/stages/src/error.rs`, which the state machine matches on."""

import re

import botocore.exceptions

# Answers of AWS after which the same request may succeed.
PASSING = {
    "InternalServerError",
    "InternalServiceException",
    "OperationTimeoutException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "ThrottlingException",
}
# Classes of SQLSTATE: no connection, transaction rolled back, out of resources, stopped by the operator.
PASSING_STATES = ("08", "40", "53", "57")
# Classes of SQLSTATE: a relation, column, database or schema that is not there; what it may also say of rights.
UNKNOWN_STATES = ("3D", "3F", "42")
NO_RIGHTS = "42501"


class Fault(Exception):
    """A failure with its stable name, and what was found and expected, on one line: of more Glue may show the last."""

    def __init__(self, name, message):
        super().__init__(f"{name}: {' '.join(message.split())}")


def bad_settings(place, key, message):
    return Fault("Lotline.BadSettings", f"{place}: `{key}`: {message}")


def named(error):
    """The failure that an error is."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, botocore.exceptions.ClientError):
        passing = error.response["Error"]["Code"] in PASSING
        return Fault("Lotline.Transient" if passing else "Lotline.Storage", str(error))
    if isinstance(error, (botocore.exceptions.HTTPClientError, botocore.exceptions.ConnectionError)):
        return Fault("Lotline.Transient", str(error))
    # Spark keeps Java's error as the one or as the other.
    if java := getattr(error, "java_exception", None) or getattr(error, "_origin", None):
        return of_java(list(causes(java)))
    return Fault("Lotline.Internal", f"{type(error).__name__}: {error}")


def of_java(errors):
    """The failure behind a chain of Java's, outermost first."""
    for error in errors:
        if is_java(error, "java.sql.SQLException"):
            state, message = error.getSQLState() or "", error.getMessage()
            if state.startswith(PASSING_STATES):
                return Fault("Lotline.Transient", f"database: {message} (SQLSTATE {state})")
            unknown = state.startswith(UNKNOWN_STATES) and state != NO_RIGHTS
            return Fault("Lotline.BadSettings" if unknown else "Lotline.Storage", f"database: {message} (SQLSTATE {state})")
    # What a worker raised has come as text.
    if said := re.search(r"Fault: (Lotline\.\w+): (.*)", errors[0].toString()):
        return Fault(*said.groups())
    return Fault("Lotline.Internal", errors[0].toString())


def causes(error):
    """A Java error and what caused it, outermost first."""
    while error is not None:
        yield error
        error = error.getCause()


def is_java(error, name):
    """Whether a Java error is of a class or of one that extends it."""
    kind = error.getClass()
    while kind is not None:
        if kind.getName() == name:
            return True
        kind = kind.getSuperclass()
    return False
