//! A real browser without a screen: Chromium, told what to do over the W3C's `WebDriver` protocol.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

/// How long anything that is waited for may take; the machine may be busy.
pub const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(100);
/// The name under which the protocol hands elements over.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The key of that name, as the protocol writes it.
pub const ENTER: char = '\u{e007}';

/// A browser with one window, which ends with this value.
pub struct Browser {
    driver: Child,
    http: reqwest::Client,
    session: String,
}

/// Where something was found.
struct Element(String);

impl Browser {
    /// Starts a browser; `None` where there is none, which is a failure in CI.
    pub async fn start() -> Option<Self> {
        let driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut driver) = driver else {
            let missing = "chromedriver is not installed (Debian: chromium, chromium-driver)";
            assert!(std::env::var_os("CI").is_none(), "{missing}");
            eprintln!("skipped: {missing}");
            return None;
        };
        let port = port(&mut driver);
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let session = format!("http://127.0.0.1:{port}/session");
        let mut browser = Self { driver, http, session };
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--window-size=1440,900",
        ];
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let made = browser.call(Method::POST, "", wanted).await.unwrap();
        browser.session = format!("{}/{}", browser.session, made["sessionId"].as_str().unwrap());
        browser.resize(1440, 900).await;
        Some(browser)
    }

    /// Asks the driver for something; an error is the protocol's name of it and what it says.
    async fn call(&self, method: Method, path: &str, body: Value) -> Result<Value, String> {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.session));
        if method == Method::POST {
            request = request.json(&body);
        }
        let mut answer: Value = request.send().await.unwrap().json().await.unwrap();
        match answer["value"]["error"].as_str() {
            Some(error) => Err(format!("{error}: {}", answer["value"]["message"])),
            None => Ok(answer["value"].take()),
        }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.call(Method::POST, path, body).await.unwrap_or_else(|err| panic!("{path}: {err}"))
    }

    /// Makes the page this wide and high.
    pub async fn resize(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.post(
            "/goog/cdp/execute",
            json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": size}),
        )
        .await;
    }

    /// Opens a page.
    pub async fn open(&self, url: &str) {
        self.post("/url", json!({"url": url})).await;
    }

    /// Runs a script and returns its result.
    pub async fn script(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({"script": script, "args": []})).await
    }

    /// Clicks what an `XPath` leads to, the last of several, once it is there and can be clicked.
    pub async fn click(&self, path: &str) {
        let began = Instant::now();
        loop {
            let problem = match self.find(path).await {
                None => "it is not there".to_owned(),
                Some(Element(id)) => {
                    let clicked = format!("/element/{id}/click");
                    match self.call(Method::POST, &clicked, json!({})).await {
                        Ok(_) => return,
                        Err(problem) => problem, // Such as: it was drawn anew meanwhile.
                    }
                }
            };
            assert!(
                began.elapsed() < PATIENCE,
                "{path} cannot be clicked: {problem}\n{}",
                self.text().await
            );
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Types a text where an `XPath` leads to.
    pub async fn type_into(&self, path: &str, text: &str) {
        self.click(path).await;
        let Element(id) = self.find(path).await.unwrap();
        self.post(&format!("/element/{id}/value"), json!({"text": text})).await;
    }

    /// Waits until what an `XPath` leads to is there.
    pub async fn see(&self, path: &str) {
        let began = Instant::now();
        while self.find(path).await.is_none() {
            assert!(began.elapsed() < PATIENCE, "{path} is not there:\n{}", self.text().await);
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn find(&self, path: &str) -> Option<Element> {
        let wanted = json!({"using": "xpath", "value": path});
        let found = self.call(Method::POST, "/elements", wanted).await.ok()?;
        Some(Element(found.as_array()?.last()?[ELEMENT].as_str()?.to_owned()))
    }

    /// Returns what a person reads on the page.
    pub async fn text(&self) -> String {
        self.script("return document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// Returns the windows' names, the present one first.
    pub async fn windows(&self) -> Vec<String> {
        let here = self.call(Method::GET, "/window", Value::Null).await.unwrap();
        let all = self.call(Method::GET, "/window/handles", Value::Null).await.unwrap();
        let all = all.as_array().unwrap().iter().filter(|name| **name != here).cloned();
        let names = std::iter::once(here.clone()).chain(all);
        names.map(|name| name.as_str().unwrap().to_owned()).collect()
    }

    /// Goes on in another window.
    pub async fn switch(&self, window: &str) {
        self.post("/window", json!({"handle": window})).await;
    }

    /// Waits for a second window, goes to it, and returns the name of the first one.
    pub async fn follow_to_new_window(&self) -> String {
        let began = Instant::now();
        loop {
            let windows = self.windows().await;
            if let [here, new, ..] = &windows[..] {
                self.switch(new).await;
                return here.clone();
            }
            assert!(began.elapsed() < PATIENCE, "no window has opened");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Opens a second window, goes to it, and returns the name of the first one.
    pub async fn new_window(&self) -> String {
        self.post("/window/new", json!({"type": "tab"})).await;
        self.follow_to_new_window().await
    }

    /// Closes the present window and goes back to another one.
    pub async fn close_window(&self, back_to: &str) {
        self.call(Method::DELETE, "/window", Value::Null).await.unwrap();
        self.switch(back_to).await;
    }

    /// Keeps a picture of the page under `target/chat_page`.
    pub async fn picture(&self, name: &str) {
        tokio::time::sleep(Duration::from_millis(400)).await; // What arrives slides in.
        let picture = self.call(Method::GET, "/screenshot", Value::Null).await.unwrap();
        let picture = super::base64::decode(picture.as_str().unwrap());
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("chat_page");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }

    /// Returns what the page at `url` has complained of: errors of scripts, and what its policy
    /// forbade.
    pub async fn complaints(&self, url: &str) -> Vec<String> {
        let log = self.post("/se/log", json!({"type": "browser"})).await;
        let severe = log.as_array().unwrap().iter().filter(|entry| entry["level"] == "SEVERE");
        let told = severe.map(|entry| entry["message"].to_string());
        told.filter(|message| message.contains(url)).collect()
    }

    /// Ends the browser.
    pub async fn end(self) {
        self.call(Method::DELETE, "", Value::Null).await.unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver takes its browser with it.
        self.driver.kill().ok();
        self.driver.wait().ok();
    }
}

/// Reads the port that the driver has chosen.
fn port(driver: &mut Child) -> u16 {
    let lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
    for line in lines {
        if let Some((_, rest)) = line.split_once("successfully on port ") {
            return rest.trim_end_matches('.').parse().unwrap();
        }
    }
    panic!("chromedriver did not start");
}
