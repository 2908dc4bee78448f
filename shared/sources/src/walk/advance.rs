//! What a page leads to: another page, the same query from the mark reached, or the end.

use twox_hash::XxHash3_128;
use url::Url;

use super::position::{Course, Next};
use crate::{
    address::{next_link, same_host},
    body::{Document, Path, RecordText},
    settings::{HttpSource, Paging},
    template::Slot,
};

/// What an answer says beside its records.
pub(super) struct Leads<'a> {
    pub(super) asked: &'a Url,
    pub(super) document: &'a Document,
    pub(super) headers: &'a [(String, String)],
}

/// What comes behind a page.
pub(super) enum Advance {
    /// The feed ends.
    End,
    /// Another page.
    To(Next),
    /// The query from the mark reached: pages counted by number or offset shift when a record moves to the end of the
    /// feed, and what slips over a border would be lost.
    Anew,
}

/// A page's records in short.
pub(super) fn digest(records: &[RecordText]) -> String {
    let texts: String = records.iter().map(|record| record.get()).collect::<Vec<_>>().join("\n");
    format!("{:032x}", XxHash3_128::oneshot(texts.as_bytes()))
}

/// What comes behind a page of `count` records, which the course counts already; a fault is answered with what was found
/// and expected.
pub(super) fn next(
    source: &HttpSource,
    course: &Course,
    leads: &Leads<'_>,
    count: u64,
    digest: &str,
) -> Result<Advance, String> {
    let end = Advance::End;
    let complete = course.declared.is_some_and(|declared| course.in_query >= declared);
    let full = count >= source.page_size;
    Ok(match &source.paging {
        Paging::Single {} => end,
        Paging::Offset { .. } if count == 0 => end,
        Paging::Page { first, total_pages, .. } => {
            let page = if let Next::Page(page) = course.next { page } else { *first };
            let pages = total_pages.as_ref().and_then(|total| number(leads.document, &Path::new(total)));
            let is_last = pages.is_some_and(|pages| page.saturating_sub(*first) + 1 >= pages);
            // Some answer a number past the last with the last page.
            if is_last || (complete && pages.is_none()) || course.page == digest {
                end
            } else if count == 0 {
                let declared = pages.map(|pages| format!("found no record on page {page}, expected {pages} pages"));
                return declared.map_or(Ok(end), Err);
            } else if full && can_begin_anew(source, course) {
                Advance::Anew
            } else {
                Advance::To(Next::Page(page + 1))
            }
        }
        Paging::Offset { max, .. } => {
            let offset = if let Next::Offset(offset) = course.next { offset } else { 0 } + count;
            if complete {
                end
            } else if full && can_begin_anew(source, course) {
                Advance::Anew
            } else if let Some(max) = max.filter(|max| offset > *max) {
                let expected = "expected a watermark to begin anew at, or an endpoint for whole tables";
                return Err(format!("found an offset of {offset}, but the provider takes {max} at most; {expected}"));
            } else {
                Advance::To(Next::Offset(offset))
            }
        }
        Paging::NextLink { member } => link(leads.document.text(&Path::new(member)), leads, end)?,
        Paging::LinkHeader {} => {
            let links = leads.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("link"));
            let next = links.filter_map(|(_, value)| next_link(value)).next();
            link(next.map(str::to_owned), leads, end)?
        }
        Paging::Cursor { member, .. } => match leads.document.text(&Path::new(member)) {
            None => end,
            Some(_) if count == 0 => end,
            Some(cursor) if cursor.is_empty() || course.next == Next::Cursor(cursor.clone()) => end,
            Some(cursor) => Advance::To(Next::Cursor(cursor)),
        },
    })
}

fn link(next: Option<String>, leads: &Leads<'_>, end: Advance) -> Result<Advance, String> {
    let Some(next) = next.filter(|next| !next.is_empty()) else { return Ok(end) };
    let url = leads.asked.join(&next).map_err(|error| format!("found a next link that is no address ({error})"))?;
    if !same_host(&url, leads.asked) {
        let host = url.host_str().unwrap_or_default();
        return Err(format!("found a next link to `{host}`, expected one to the same host"));
    }
    Ok(if url == *leads.asked { end } else { Advance::To(Next::Link(url.into())) })
}

/// Whether the query, begun at the mark reached, brings other records than before.
fn can_begin_anew(source: &HttpSource, course: &Course) -> bool {
    let ordered = source.watermark.as_ref().is_some_and(|watermark| watermark.ordered);
    let filtered = source.query.iter().any(|(_, template)| template.uses(Slot::Watermark));
    ordered && filtered && course.at.is_some_and(|at| at > course.from)
}

/// A number that the body says.
pub(super) fn number(document: &Document, path: &Path) -> Option<u64> {
    document.text(path)?.trim().parse().ok()
}
