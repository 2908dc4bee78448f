//! Lotline lambda.
