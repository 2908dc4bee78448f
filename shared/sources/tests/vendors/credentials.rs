//! Credentials are shown to the vendor and to nobody else.

use crate::{
    pull,
    server::{Server, answer, json},
};

#[test]
fn every_kind_is_shown_and_none_is_printed() {
    let cases = [
        ("kind = 'header'\nname = 'x-key'\nsecret = 'TOKEN'", "x-key: s3cret"),
        ("kind = 'query'\nparameter = 'key'\nsecret = 'TOKEN'", "GET /rows?key=s3cret "),
        ("kind = 'bearer'\nsecret = 'TOKEN'", "authorization: Bearer s3cret"),
        ("kind = 'basic'\nuser = 'u'\nsecret = 'TOKEN'", "authorization: Basic dTpzM2NyZXQ="),
    ];
    for (auth, expected) in cases {
        let server = Server::start(|_, head| answer("418 I'm a teapot", "", head));
        let pulled = pull(&server, &format!("[auth]\n{auth}\n"));
        assert!(server.requests()[0].contains(expected), "{:?}", server.requests());
        assert!(pulled.message().contains("418") && !pulled.message().contains("s3cret"), "{}", pulled.message());
    }
}

#[test]
fn a_token_is_fetched_and_renewed_once_when_it_is_refused() {
    let server = Server::start(|request, head| {
        if head.starts_with("POST /token ") {
            assert!(head.ends_with("&client_id=me&client_secret=s3cret&scope=all"), "{head}");
            return json(&format!("{{\"access_token\": \"t0ken{request}\", \"expires_in\": 3600}}"));
        }
        if request == 2 { answer("401 Unauthorized", "", "ended") } else { answer("418 I'm a teapot", "", head) }
    });
    let auth = format!(
        "[auth]\nkind = 'client_credentials'\ntoken_url = 'http://{}/token'\nclient_id = 'me'\nsecret = 'TOKEN'\nscope = 'all'\n",
        server.address
    );
    let pulled = pull(&server, &auth);
    let requests = server.requests();
    assert_eq!(requests.len(), 4, "{requests:?}");
    assert!(requests[1].contains("Bearer t0ken1") && requests[3].contains("Bearer t0ken3"), "{requests:?}");
    assert!(!pulled.message().contains("t0ken") && !pulled.message().contains("s3cret"), "{}", pulled.message());
}
