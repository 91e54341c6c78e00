//! Somebody who looks at the page of the program.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use http_client::{Internet, Kept};

use crate::rig::{LONGEST, Rig};

/// Which browser it is. Whoever it is may choose that: the page's forms are for the same one only.
const COOKIE: &str = "porch_browser=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

pub(crate) struct Page {
    internet: Internet,
    /// Where it is, with a `/` at the end.
    url: String,
}

impl Page {
    /// The page of the program that was started last.
    pub(crate) async fn of(rig: &mut Rig) -> Self {
        let line = rig.log("the page is there").await;
        let url = line.split_once("url=").expect("an address").1.to_owned();
        Self { internet: Internet::new([], Kept::Not).expect("a client"), url }
    }

    /// What is at `path`, once it has this text.
    pub(crate) async fn until(&self, path: &str, text: &str) -> String {
        let looking = async {
            loop {
                let (_, found) = self.ask("GET", path, String::new()).await;
                if found.contains(text) {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let found = tokio::time::timeout(LONGEST, looking).await;
        found.unwrap_or_else(|_| panic!("no {text} at {path}"))
    }

    /// Tries a bell.
    pub(crate) async fn ring(&self, bell: &str) -> StatusCode {
        let page = self.until("/", &format!("value=\"{bell}\"")).await;
        let token = page.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let form = format!("token={}&bell={bell}", token.expect("a form"));
        self.ask("POST", "/ring", form).await.0
    }

    async fn ask(&self, method: &str, path: &str, form: String) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(format!("{}{}", self.url, &path[1..]));
        let request = request.header("cookie", COOKIE).body(Full::new(Bytes::from(form))).expect("a request");
        let (status, body) = self.internet.exchange(request, 1_000_000, LONGEST).await.expect("an answer");
        (status, String::from_utf8(body.to_vec()).expect("text"))
    }
}
