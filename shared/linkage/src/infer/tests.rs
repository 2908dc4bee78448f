//! Tests of inference on small tables.
