//! The address of the next page.

use url::Url;

use super::position::{Course, Next};
use crate::{
    address::with_parameters,
    settings::{HttpSource, Paging, Watermark},
    template::Slot,
};

/// The address; none where the course's step is none of the settings' paging.
pub(super) fn url(source: &HttpSource, course: &Course) -> Option<Url> {
    let step = match (&source.paging, &course.next) {
        (Paging::NextLink { .. } | Paging::LinkHeader {}, Next::Link(link)) => return Url::parse(link).ok(),
        (Paging::Page { parameter, first, .. }, Next::First) => Some((parameter, first.to_string())),
        (Paging::Page { parameter, .. }, Next::Page(page)) => Some((parameter, page.to_string())),
        (Paging::Offset { parameter, .. }, Next::First) => Some((parameter, "0".to_owned())),
        (Paging::Offset { parameter, .. }, Next::Offset(offset)) => Some((parameter, offset.to_string())),
        (Paging::Cursor { parameter, .. }, Next::Cursor(cursor)) => Some((parameter, cursor.clone())),
        (_, Next::First) => None,
        _ => return None,
    };
    let mark = |mark: i64| source.watermark.as_ref().map_or_else(String::new, |known| known.kind.format(mark));
    let now = |watermark: &Watermark| watermark.kind.of_moment(course.started).unwrap_or(i64::MAX);
    let value = |slot| match slot {
        Slot::Watermark => mark(course.from),
        Slot::Until => mark(course.until.or_else(|| source.watermark.as_ref().map(now)).unwrap_or_default()),
        Slot::PageSize => source.page_size.to_string(),
    };
    let query = source.query.iter().map(|(name, template)| (name.clone(), template.fill(value)));
    let step = step.into_iter().map(|(name, value)| (name.clone(), value));
    Some(with_parameters(source.url.clone(), &query.chain(step).collect::<Vec<_>>()))
}
