//! What RETS servers say of their replies: that they refuse, or that rows are missing.

use std::borrow::Cow;

use quick_xml::{XmlVersion, events::BytesStart};

use super::scan::shown;
use crate::{error::FormatError, record::Damage};

/// The root element of a RETS server's reply.
pub(super) const RETS: &str = "RETS";
/// The element in it that says that rows are missing.
pub(super) const MAX_ROWS: &str = "MAXROWS";
/// The rule that the absence of those rows breaks.
pub(super) const MAX_ROWS_RULE: &str = "max_rows";
/// The element in it that gives the reply code of what went wrong late.
pub(super) const STATUS: &str = "RETS-STATUS";

/// Reply code: no rows match, which is an answer like any other.
const NO_RECORDS: &str = "20201";
/// Reply code: more rows matched than the server is willing to send.
const MAXIMUM_EXCEEDED: &str = "20208";

/// Whether a RETS server did what it was asked for.
pub(super) fn check_reply(root: &BytesStart<'_>) -> Result<(), FormatError> {
    let attribute = |name: &str| {
        let found = root.try_get_attribute(name).ok().flatten();
        found.and_then(|found| found.normalized_value(XmlVersion::Implicit1_0).ok().map(Cow::into_owned))
    };
    match attribute("ReplyCode") {
        Some(code) if code != "0" && code != NO_RECORDS => {
            Err(FormatError::RetsReply { code, text: attribute("ReplyText").unwrap_or_default() })
        }
        _ => Ok(()),
    }
}

/// The damage that an element opening inside the elements `open` tells of.
pub(super) fn notice(open: &[String], tag: &BytesStart<'_>) -> Option<Damage> {
    if open != [RETS] {
        return None;
    }
    let maximum = || {
        let reason = "the server cut its answer short at its own limit of rows, expected all rows";
        Damage::new(MAX_ROWS_RULE, format!("found `{}`: {reason}", shown(tag)))
    };
    match tag.name().as_ref() {
        MAX_ROWS => Some(maximum()),
        STATUS => {
            let code = tag.try_get_attribute("ReplyCode").ok().flatten()?.value;
            match code.as_ref() {
                "0" => None,
                MAXIMUM_EXCEEDED => Some(maximum()),
                _ => Some(Damage::new("rets_status", format!("found `{}`, expected reply code `0`", shown(tag)))),
            }
        }
        _ => None,
    }
}
