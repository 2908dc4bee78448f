//! What vendors get wrong, and what becomes of it.

use std::{thread, time::Duration};

use crate::{
    pull,
    server::{Answer, Server, answer, json},
};

const PAGES: &str = "records = 'value'\npaging = { style = 'page', parameter = 'page' }\n";
const LINKS: &str = "records = 'value'\npaging = { style = 'next_link', member = 'next' }\n";
const CURSOR: &str = "records = 'value'\npaging = { style = 'cursor', parameter = 'after', member = 'cursor' }\n";

fn row(number: usize) -> String {
    json(&format!("{{\"value\": [{{\"n\": {number}}}]}}"))
}

#[test]
fn a_number_past_the_last_page_ends_the_feed_whatever_the_answer() {
    let cases: [Answer; 4] = [
        |request, _| if request < 3 { row(request) } else { json("{\"value\": []}") },
        |request, _| if request < 3 { row(request) } else { answer("404 Not Found", "", "none") },
        |request, _| if request < 3 { row(request) } else { "HTTP/1.1 204 No Content\r\n\r\n".to_owned() },
        |request, _| row(request.min(2)),
    ];
    for (case, answer) in cases.into_iter().enumerate() {
        let server = Server::start(answer);
        let pulled = pull(&server, PAGES);
        assert_eq!(pulled.message(), "", "{case}");
        assert_eq!(server.requests().len(), 3, "{case}");
        assert!(server.requests()[2].starts_with("GET /rows?page=3 "), "{:?}", server.requests());
    }
}

#[test]
fn a_vendor_that_asks_to_wait_is_waited_for() {
    let server = Server::start(|request, _| match request {
        1 => answer("429 Too Many Requests", "retry-after: 120\r\n", ""),
        2 => answer("429 Too Many Requests", "", ""),
        3 => answer("503 Service Unavailable", "retry-after: 30\r\n", ""),
        4 => answer("500 Internal Server Error", "", "oops"),
        _ => json("[{\"n\": 1}]"),
    });
    let pulled = pull(&server, "");
    assert_eq!((pulled.message().as_str(), pulled.traffic.requests, pulled.traffic.retries), ("", 5, 4));
    let bounds = Duration::from_secs(150)..Duration::from_secs(160);
    assert!(bounds.contains(&pulled.waited), "{:?}", pulled.waited);
}

#[test]
fn a_vendor_that_stays_down_is_named_with_page_and_status() {
    let server = Server::start(|_, _| answer("500 Internal Server Error", "", "oops"));
    let pulled = pull(&server, "attempts = 3\n");
    let expected = format!("page 1 (http://{}/rows): found status 500; asked 3 times", server.address);
    assert_eq!(pulled.message(), expected);
    assert!(pulled.failure.unwrap().is_transient());
}

#[test]
fn half_a_body_and_a_slow_one_are_asked_for_again() {
    let server = Server::start(|request, _| match request {
        1 => json("[{\"n\": 1}, {\"n\":"),
        2 => json("[{\"n\": 1}]").replace("content-length: 10", "content-length: 99"),
        3 => "HTTP/1.1 200 OK\r\n".to_owned(),
        4 => {
            thread::sleep(Duration::from_millis(1_300));
            String::new()
        }
        _ => json("[{\"n\": 1}]"),
    });
    let pulled = pull(&server, "timeout = 1\n");
    assert_eq!((pulled.records.len(), pulled.traffic.retries), (1, 4), "{}", pulled.message());
    let server = Server::start(|_, _| json("[{\"n\":"));
    assert!(pull(&server, "attempts = 2\n").message().contains("found no whole JSON value"));
}

#[test]
fn what_cannot_be_a_page_is_refused_at_once() {
    let cases: [(Answer, &str, &str); 6] = [
        (
            |_, _| answer("200 OK", "content-type: text/html\r\n", "<p>"),
            "",
            "found content type `text/html`, expected JSON",
        ),
        (
            |_, _| answer("302 Found", "location: https://else.test/x\r\n", ""),
            "",
            "found a redirect to `https://else.test/x`",
        ),
        (|_, _| json(&format!("[\"{}\"]", "x".repeat(5_000))), "max_body = 1000\n", "found a body over 1000 bytes"),
        (|_, _| json("{\"error\": 1}"), "records = 'value'\n", "found no `value`, expected the array of records"),
        (|_, _| answer("418 I'm a teapot", "", "short"), "", "found status 418 (`short`)"),
        (|_, _| json("{\"value\": [{}], \"next\": \"http://else.test/2\"}"), LINKS, "found a next link to `else.test`"),
    ];
    for (answer, settings, expected) in cases {
        let server = Server::start(answer);
        let pulled = pull(&server, settings);
        assert!(pulled.message().contains(expected), "{}", pulled.message());
        assert!(pulled.message().starts_with("page 1 (http://127.0.0.1:"), "{}", pulled.message());
        assert_eq!(pulled.traffic.requests, 1, "{expected}");
    }
}

#[test]
fn a_redirect_on_the_host_is_followed_and_a_circle_of_them_is_not() {
    let server = Server::start(|_, head| {
        let moved = answer("307 Temporary Redirect", "location: /moved?a=1\r\n", "");
        if head.starts_with("GET /rows ") { moved } else { json("[{\"n\": 1}]") }
    });
    assert_eq!(pull(&server, "").records.len(), 1);
    let server = Server::start(|_, _| answer("302 Found", "location: /rows\r\n", ""));
    assert!(pull(&server, "").message().contains("redirects in a row"));
}

#[test]
fn feeds_without_end_are_found_out() {
    let cases: [(Answer, &str, &str); 4] = [
        (
            |n, _| json(&format!("{{\"value\": [], \"next\": \"/rows?n={n}\"}}")),
            LINKS,
            "found 100 pages without a record",
        ),
        (
            |n, _| json(&format!("{{\"value\": [{{\"n\": {n}}}], \"next\": \"/rows?n={}\"}}", n % 7)),
            LINKS,
            "found a page again",
        ),
        (
            |n, _| row(n),
            "max_pages = 20\nrecords = 'value'\npaging = { style = 'page', parameter = 'p' }\n",
            "found 20 pages and more",
        ),
        (|n, _| row(n % 3), PAGES, "found a page again"),
    ];
    for (answer, settings, expected) in cases {
        let server = Server::start(answer);
        let pulled = pull(&server, settings);
        assert!(pulled.message().contains(expected), "{expected}: {}", pulled.message());
        assert!(pulled.traffic.requests <= 100, "{expected}: {}", pulled.traffic.requests);
    }
}

#[test]
fn a_cursor_that_comes_again_ends_the_feed() {
    let server = Server::start(|n, _| json(&format!("{{\"value\": [{{\"n\": {n}}}], \"cursor\": \"c{}\"}}", n.min(3))));
    let pulled = pull(&server, CURSOR);
    assert_eq!((pulled.message().as_str(), pulled.records.len()), ("", 4));
    assert!(server.requests()[3].starts_with("GET /rows?after=c3 "));
}

#[test]
fn a_feed_that_ends_before_its_declared_number_is_incomplete() {
    let server = Server::start(|_, head| {
        let rows = if head.contains("page=1 ") { "{\"n\": 1}, {\"n\": 2}" } else { "" };
        json(&format!("{{\"value\": [{rows}], \"total\": 5}}"))
    });
    let pulled = pull(&server, &format!("total = 'total'\n{PAGES}"));
    assert!(pulled.message().ends_with("found the end of the feed after 2 records, expected 5 as it declares"));
    assert_eq!(pulled.records.len(), 2, "what came is not thrown away");
}
