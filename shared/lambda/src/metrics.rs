//! One log line a step, which CloudWatch reads its metrics from (embedded metric format).

use std::{
    env,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use lambda_runtime::LambdaEvent;
use serde_json::{Map, Value, json};

/// A field of a report, and the name and unit of its metric.
type Field = (&'static str, &'static str, &'static str);

/// Fields of a step's report that are metrics: those of steps that count a whole source,
/// shard or run, so that a sum over steps done once counts nothing twice.
const MEASURED: [(&str, &[Field]); 4] = [
    ("ingest.file", &[("bytes", "BytesRead", "Bytes")]),
    (
        "validate.table",
        &[
            ("read", "RowsRead", "Count"),
            ("accepted", "RowsAccepted", "Count"),
            ("superseded", "RowsSuperseded", "Count"),
            ("duplicate", "RowsDuplicate", "Count"),
            ("quarantined", "RowsQuarantined", "Count"),
        ],
    ),
    ("link.match", &[("pairs_compared", "PairsCompared", "Count")]),
    ("publish", &[("usd_estimate", "UsdEstimate", "None")]),
];

/// What a log line says of the step besides how it went: the scalar fields of the request, never a row's value.
pub(crate) struct Step {
    name: String,
    fields: Map<String, Value>,
}

impl Step {
    /// The step that an event asks a stage for.
    pub(crate) fn new(stage: &str, event: &LambdaEvent<Value>) -> Self {
        let is_scalar = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
        let scalars = event.payload.as_object().into_iter().flatten().filter(|(_, value)| is_scalar(value));
        let mut fields: Map<String, Value> = scalars.map(|(name, value)| (name.clone(), value.clone())).collect();
        // AppSync says which field it asks for.
        let field = event.payload["info"]["fieldName"].as_str().map(Value::from);
        let name = match fields.remove("step").or(field) {
            Some(Value::String(step)) => format!("{stage}.{step}"),
            _ => stage.to_owned(),
        };
        // One run's lines are found by its id on every function; the request id leads to AWS's own lines.
        let correlation = fields.get("run_id").cloned().unwrap_or_default();
        fields.insert("correlation_id".to_owned(), correlation);
        fields.insert("function_name".to_owned(), json!(env::var("AWS_LAMBDA_FUNCTION_NAME").ok()));
        fields.insert("function_request_id".to_owned(), json!(event.context.request_id));
        fields.insert("xray_trace_id".to_owned(), json!(event.context.xray_trace_id));
        Self { name, fields }
    }

    /// Prints the line.
    #[expect(clippy::print_stdout, reason = "standard output is the function's log, one JSON object a line")]
    pub(crate) fn log(mut self, took: Duration, answer: Result<&Value, (&str, &str)>) {
        let mut metrics = vec![metric("StepMilliseconds", "Milliseconds")];
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let mut line = json!({
            "level": if answer.is_ok() { "INFO" } else { "ERROR" },
            "message": if answer.is_ok() { "step done" } else { "step failed" },
            "service": "lotline",
            "stage": self.name,
            "StepMilliseconds": milliseconds,
        });
        match answer {
            Ok(report) => {
                if let Some(run_id) = report.get("run_id").filter(|run_id| run_id.is_string()) {
                    line["correlation_id"] = run_id.clone();
                }
                let shown_again = report.get("unchanged").and_then(Value::as_bool) == Some(true);
                let fields = MEASURED.iter().find(|(step, _)| *step == self.name && !shown_again);
                for (field, name, unit) in fields.into_iter().flat_map(|(_, fields)| *fields) {
                    if let Some(value) = report.get(field).filter(|value| value.is_number()) {
                        line[*name] = value.clone();
                        metrics.push(metric(name, unit));
                    }
                }
                if let Some(over) = report.get("over_limit").and_then(Value::as_bool) {
                    line["SourcesOverLimit"] = json!(u8::from(over));
                    metrics.push(metric("SourcesOverLimit", "Count"));
                }
            }
            Err((name, cause)) => {
                line["error"] = json!(name);
                line["cause"] = json!(cause);
                line["StepsFailed"] = json!(1);
                metrics.push(metric("StepsFailed", "Count"));
            }
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let directive = json!({ "Namespace": "Lotline", "Dimensions": [["stage"]], "Metrics": metrics });
        line["_aws"] = json!({ "Timestamp": u64::try_from(now).unwrap_or_default(), "CloudWatchMetrics": [directive] });
        // What the step itself says of a field stands.
        if let Value::Object(line) = &mut line {
            self.fields.append(line);
        }
        println!("{}", Value::Object(self.fields));
    }
}

fn metric(name: &str, unit: &str) -> Value {
    json!({ "Name": name, "Unit": unit })
}
